-- +goose Up
-- What hosts share about other people's interfaces: attempts to renew access that
-- failed, and how much of each rate limit is spent.

-- A run that waits for a spent limit goes on by itself and is no failure.
alter table sync_run drop constraint sync_run_state_check,
  add constraint sync_run_state_check check (state in ('running', 'done', 'failed', 'waiting'));

-- Attempts to renew the access of a connection that brought nothing since the
-- last one that did: the others wait instead of trying one after the other.
create table refresh_failure (
  connection_id uuid primary key references connection,
  tenant_id     uuid not null references tenant,
  failures      int not null,
  after         timestamptz not null,
  why           text not null,
  -- An attempt may have taken effect although its answer was never written.
  lost          boolean not null
);
alter table refresh_failure enable row level security;
alter table refresh_failure force row level security;
create policy tenant on refresh_failure to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on refresh_failure to voldaan_app;

-- The windows of rate limits, and connections that were told to wait. Keys name
-- connectors, connections and administrations and nothing of what is in them;
-- some windows belong to the connections of all tenants together.
create table rate_window (
  key   text primary key,
  used  int not null default 0,
  -- The size that the package tells; 0 while the manifest's counts.
  size  int not null default 0,
  ends  timestamptz not null default '-infinity'
) with (fillfactor = 50);

-- Requests under way, for limits on concurrency. A host that dies leaves its slots
-- until they expire.
create table rate_slot (
  key     text not null,
  holder  uuid not null,
  expires timestamptz not null,
  primary key (key, holder)
);
create index rate_slot_holder on rate_slot (holder);

grant select, insert, update, delete on rate_window, rate_slot to voldaan_app;

-- Takes up to want requests from all windows at once, or none. A size of 0 stands
-- for a mere block: nothing is taken while it lasts. Share is the part in percent
-- that is left untouched. It returns for how many seconds to wait when none is
-- granted, and what is known of each window, in the order of the keys.
-- +goose StatementBegin
create function rate_take(keys text[], sizes int[], pers float8[], share int, want int,
  out granted int, out wait float8, out used int[], out size int[], out lasts float8[])
  language plpgsql as $$
declare
  t timestamptz := clock_timestamp();
  w record;
  left_over int;
  spent int;
  whole int;
begin
  granted := want;
  wait := 0;
  used := array_fill(0, array[cardinality(keys)]);
  size := used;
  lasts := array_fill(0::float8, array[cardinality(keys)]);
  if (select count(*) from rate_window r where r.key = any (keys)) < cardinality(keys) then
    insert into rate_window (key) select k from unnest(keys) k order by k on conflict do nothing;
  end if;
  for w in select r.key, r.used, r.size, r.ends, u.n, u.pos, u.per from rate_window r
      join unnest(keys, sizes, pers) with ordinality u (key, n, per, pos) on u.key = r.key order by r.key for update of r loop
    if w.ends > t then
      lasts[w.pos] := extract(epoch from w.ends - t);
      spent := w.used;
    else
      lasts[w.pos] := w.per;
      spent := 0;
    end if;
    if w.n = 0 then
      wait := greatest(wait, lasts[w.pos]);
      continue;
    end if;
    whole := case when w.size > 0 then w.size else w.n end;
    left_over := whole - spent;
    if share > 0 and whole > 1 then
      left_over := left_over - greatest(1, whole * share / 100);
    end if;
    used[w.pos] := spent;
    size[w.pos] := whole;
    granted := least(granted, left_over);
    if left_over <= 0 then
      wait := greatest(wait, lasts[w.pos]);
    end if;
  end loop;
  if wait > 0 then
    granted := 0;
    return;
  end if;
  update rate_window r set used = case when r.ends > t then r.used else 0 end + granted,
      ends = case when r.ends > t then r.ends else t + make_interval(secs => u.per) end
    from unnest(keys, sizes, pers) with ordinality u (key, n, per, pos) where r.key = u.key and u.n > 0;
  for w in select u.pos from unnest(sizes) with ordinality u (n, pos) where u.n > 0 loop
    used[w.pos] := used[w.pos] + granted;
  end loop;
end $$;
-- +goose StatementEnd

-- Takes one slot of each key, or none. A size says how many there are for this
-- caller.
-- +goose StatementBegin
create function rate_enter(keys text[], sizes int[], holder uuid, lasting float8) returns boolean
  language plpgsql as $$
declare
  t timestamptz := clock_timestamp();
  k record;
begin
  for k in select u.key, u.n from unnest(keys, sizes) u (key, n) order by u.key loop
    perform pg_advisory_xact_lock(hashtextextended(k.key, 0));
    delete from rate_slot s where s.key = k.key and s.expires <= t;
    if (select count(*) from rate_slot s where s.key = k.key) >= k.n then
      delete from rate_slot s where s.holder = rate_enter.holder;
      return false;
    end if;
    insert into rate_slot (key, holder, expires) values (k.key, rate_enter.holder, t + make_interval(secs => lasting));
  end loop;
  return true;
end $$;
-- +goose StatementEnd
