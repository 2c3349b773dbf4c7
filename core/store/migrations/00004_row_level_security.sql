-- +goose Up
-- Every table with a tenant_id shows the rows of app.tenant and no others, to
-- its owner as well. A test walks the catalogue and fails for a table without.
-- +goose StatementBegin
do $$
declare t text;
begin
  for t in select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
             and a.attname = 'tenant_id' and not a.attisdropped
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd

alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant on tenant to voldaan_app using (id = (select current_tenant()));
grant select, update on tenant to voldaan_app;
grant select on cell to voldaan_app;
grant usage on all sequences in schema public to voldaan_app;

-- What the law or an audit may ask for is never changed.
revoke update, delete on decision, claim_entry, audit from voldaan_app;

-- The doors: each finds a tenant from something only its holder knows, or hands
-- out work by id. They run as voldaan_door, which these policies let in. Their
-- search path names pg_temp last, so that no temporary table can stand in for a
-- real one.
create policy door on tenant to voldaan_door using (true) with check (true);
create policy door on member for select to voldaan_door using (true);
create policy door on session for select to voldaan_door using (true);
create policy door on portal_access for select to voldaan_door using (true);
create policy door on portal_session for select to voldaan_door using (true);
create policy door on checkout for select to voldaan_door using (true);
create policy door on connection for select to voldaan_door using (true);
create policy door on message for select to voldaan_door using (true);
create policy door on administration for select to voldaan_door using (true);
create policy door on collection to voldaan_door using (true) with check (true);
create policy door on outbox to voldaan_door using (true) with check (true);
create policy door on inbox_source to voldaan_door using (true) with check (true);
grant select, insert, update on tenant to voldaan_door;
grant select, update on inbox_source to voldaan_door;
grant select on member, session, portal_access, portal_session, checkout, connection, message, administration to voldaan_door;
grant select, update, delete on outbox to voldaan_door;
grant select, update on collection to voldaan_door;

create function door_session(hash bytea) returns table (tenant_id uuid, member_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select s.tenant_id, s.member_id from session s where s.token_hash = hash and s.expires_at > now() $$;

create function door_member(address text) returns table (tenant_id uuid, member_id uuid, password_hash text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select m.tenant_id, m.id, m.password_hash from member m where m.email = lower(address) and m.disabled_at is null $$;

create function door_portal(hash bytea) returns table (tenant_id uuid, debtor_id uuid, expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.tenant_id, p.debtor_id, p.expires_at from portal_access p where p.token_hash = hash $$;

create function door_portal_session(hash bytea) returns table (tenant_id uuid, debtor_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.tenant_id, p.debtor_id from portal_session p where p.token_hash = hash and p.expires_at > now() $$;

create function door_checkout(provider text, provider_id text) returns table (tenant_id uuid, checkout_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select c.tenant_id, c.id from checkout c where c.provider = $1 and c.provider_id = $2 $$;

create function door_connection(connection uuid) returns uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$ select c.tenant_id from connection c where c.id = connection $$;

create function door_message(message uuid) returns uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$ select m.tenant_id from message m where m.id = message $$;

-- Names of tenants for an operator's command line, and nothing else of them.
create function door_tenants() returns table (id uuid, slug text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select t.id, t.slug from tenant t order by t.created_at $$;

create function door_create_tenant(id uuid, slug text, name text, time_zone text, clock jsonb, demo boolean) returns void
  language sql security definer set search_path = public, pg_temp
  as $$ insert into tenant (id, slug, name, time_zone, clock, demo) values ($1, $2, $3, $4, $5, $6) on conflict do nothing $$;

-- Claims due work; a claim that is not finished comes back after the lease.
create function door_claim_outbox(kinds text[], most int, lease interval)
  returns table (id bigint, tenant_id uuid, kind text, subject_id uuid, payload jsonb, attempts int)
  language sql security definer set search_path = public, pg_temp
  as $$
    update outbox o set locked_until = now() + lease, attempts = attempts + 1
    where o.id in (
      select c.id from outbox c
      where c.kind = any (kinds) and c.due_at <= now() and (c.locked_until is null or c.locked_until < now())
      order by c.due_at, c.id limit most for update skip locked)
    returning o.id, o.tenant_id, o.kind, o.subject_id, o.payload, o.attempts
  $$;

-- Claims invoices whose first step is due, so that their workflows are started.
create function door_claim_starts(most int, lease interval) returns table (invoice_id uuid, tenant_id uuid, administration_id uuid)
  language sql security definer set search_path = public, pg_temp
  as $$
    update collection c set workflow = 'asked', claimed_until = now() + lease
    where c.invoice_id in (
      select d.invoice_id from collection d
      where d.workflow in ('none', 'asked') and d.wake_at <= now() and d.phase <> 'closed'
        and (d.claimed_until is null or d.claimed_until < now())
      order by d.wake_at limit most for update skip locked)
    returning c.invoice_id, c.tenant_id, c.administration_id
  $$;

-- Claims places to fetch files from; a look that does not end comes back after
-- the lease.
create function door_claim_sources(most int, lease interval) returns table (connection_id uuid, kind text, tenant_id uuid)
  language sql security definer set search_path = public, pg_temp
  as $$
    update inbox_source s set poll_at = now() + lease
    where (s.connection_id, s.kind) in (
      select d.connection_id, d.kind from inbox_source d
      where d.poll_at <= now() order by d.poll_at limit most for update skip locked)
    returning s.connection_id, s.kind, s.tenant_id
  $$;

create function door_finish_outbox(done bigint[]) returns void
  language sql security definer set search_path = public, pg_temp
  as $$ delete from outbox where id = any (done) $$;

create function door_retry_outbox(failed bigint, again interval, why text) returns void
  language sql security definer set search_path = public, pg_temp
  as $$ update outbox set locked_until = null, due_at = now() + again, last_error = why where id = failed $$;

-- +goose StatementBegin
do $$
declare f regprocedure;
begin
  grant create on schema public to voldaan_door;
  for f in select p.oid::regprocedure from pg_proc p
           where p.pronamespace = 'public'::regnamespace and p.proname like 'door\_%'
  loop
    execute format('alter function %s owner to voldaan_door', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to voldaan_app', f);
  end loop;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
