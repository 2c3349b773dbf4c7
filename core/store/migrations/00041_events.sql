-- +goose Up
-- What happened, for programs that follow along. Triggers derive the events from
-- the rows that say so, in the same transaction, so that none is missed and none
-- tells of what was rolled back.

create table event (
  -- In the order of writing; seq is in the order of becoming visible.
  id            bigint generated always as identity primary key,
  tenant_id     uuid not null references tenant,
  -- Given after the commit, without gaps: who read up to a seq misses nothing.
  seq           bigint,
  key           text not null, -- what a receiver sees as its id
  type          text not null,
  subject_kind  text not null,
  subject_id    uuid not null,
  debtor_id     uuid,
  invoice_id    uuid,
  currency      text not null default '',
  amount_minor  bigint,
  at            timestamptz not null, -- in the tenant's time
  recorded_at   timestamptz not null default clock_timestamp(),
  -- Codes and ids, nothing about a person.
  data          jsonb not null default '{}'
);
create unique index event_seq on event (tenant_id, seq);
create unique index event_key on event (tenant_id, key);
create index event_waiting on event (tenant_id, id) where seq is null;
create index event_latest on event (tenant_id, id);
create index event_moment on event (tenant_id, recorded_at);

create table event_counter (
  tenant_id uuid primary key references tenant,
  last      bigint not null default 0
);

-- Where events are sent.
create table webhook_endpoint (
  id              uuid primary key,
  tenant_id       uuid not null references tenant,
  url             text not null,
  name            text not null,
  types           text[] not null default '{}', -- none is all; "plan.*" is all of plans
  state           text not null check (state in ('active', 'disabled', 'removed')),
  why             text not null default '',
  sealed_secret   bytea not null,
  sealed_previous bytea, -- signs too until previous_until
  previous_until  timestamptz,
  failing_since   timestamptz,
  disabled_at     timestamptz,
  created_by      text not null,
  created_at      timestamptz not null
);
create index webhook_endpoint_tenant on webhook_endpoint (tenant_id);

create table webhook_delivery (
  id          bigint generated always as identity primary key,
  tenant_id   uuid not null references tenant,
  endpoint_id uuid not null references webhook_endpoint,
  event_id    bigint not null references event,
  subject_id  uuid not null, -- of the event: they arrive in order
  state       text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
  attempts    int not null default 0,
  next_at     timestamptz not null,
  created_at  timestamptz not null,
  ended_at    timestamptz,
  replay      boolean not null default false
);
create index webhook_delivery_due on webhook_delivery (next_at) where state = 'pending';
create index webhook_delivery_order on webhook_delivery (endpoint_id, subject_id, id) where state = 'pending';
create index webhook_delivery_ended on webhook_delivery (tenant_id, ended_at) where state <> 'pending';
create index webhook_delivery_list on webhook_delivery (tenant_id, endpoint_id, id desc);

-- What each attempt came to.
create table webhook_attempt (
  id          bigint generated always as identity primary key,
  tenant_id   uuid not null references tenant,
  delivery_id bigint not null references webhook_delivery on delete cascade,
  at          timestamptz not null,
  status      int not null, -- 0 without an answer
  problem     text not null default '',
  took_ms     int not null
);
create index webhook_attempt_delivery on webhook_attempt (delivery_id, id);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['event', 'event_counter', 'webhook_endpoint', 'webhook_delivery', 'webhook_attempt'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
-- Only the number is given afterwards.
revoke update, delete on event from voldaan_app;
grant update (seq) on event to voldaan_app;
grant usage on all sequences in schema public to voldaan_app;

-- 26 signs: the millisecond and chance, so that ids sort by time.
-- +goose StatementBegin
create function event_key() returns text language plpgsql volatile as $$
declare
  signs constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  chance bytea := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
  made text := '';
begin
  for i in reverse 9..0 loop made := made || substr(signs, ((ms >> (5 * i)) & 31)::int + 1, 1); end loop;
  for i in 0..15 loop made := made || substr(signs, (get_byte(chance, i) & 31) + 1, 1); end loop;
  return made;
end $$;
-- +goose StatementEnd

create function emit_event(tenant uuid, kind text, of_kind text, of_id uuid, debtor uuid, invoice uuid, currency text, minor bigint, at timestamptz, data jsonb)
  returns void language sql volatile
  as $$
    insert into event (tenant_id, key, type, subject_kind, subject_id, debtor_id, invoice_id, currency, amount_minor, at, data)
    values (tenant, event_key(), kind, of_kind, of_id, debtor, invoice, coalesce(currency, ''), minor, at, jsonb_strip_nulls(data))
  $$;

-- Who did what: the actions that are named "thing.verb" of what debtors and we
-- agree on. It runs at the end of the transaction, when the thing is there.
-- +goose StatementBegin
create function event_of_audit() returns trigger language plpgsql as $$
declare
  of_kind text := split_part(new.subject, '/', 1);
  of_id uuid;
  kind text;
  debtor uuid; invoice uuid; cur text; minor bigint;
begin
  kind := case
    when new.action ~ '^(promise|plan|dispute|mandate|debit|case|paid_claim|legal_stop|invoice|debtor)\.[a-z_]+$' then new.action
    when new.action = 'hold' then 'hold.set'
    when new.action = 'resume' then 'hold.released'
    when new.action = 'letter_returned' then 'message.returned'
  end;
  if kind is null or split_part(new.subject, '/', 2) !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then return null; end if;
  of_id := split_part(new.subject, '/', 2)::uuid;
  case of_kind
    when 'invoice' then select i.debtor_id, i.id, i.currency, i.open_minor into debtor, invoice, cur, minor from invoice i where i.id = of_id;
    when 'debtor' then debtor := of_id;
    when 'promise' then select p.debtor_id, p.invoice_id, p.currency, p.amount_minor into debtor, invoice, cur, minor from promise p where p.id = of_id;
    when 'plan' then select p.debtor_id, p.currency, p.principal_minor + p.costs_minor + p.interest_minor into debtor, cur, minor from payment_plan p where p.id = of_id;
    when 'dispute' then select d.debtor_id, d.invoice_id, d.currency, d.amount_minor into debtor, invoice, cur, minor from dispute d where d.id = of_id;
    when 'paid_claim' then select p.debtor_id, p.invoice_id, p.currency, p.amount_minor into debtor, invoice, cur, minor from paid_claim p where p.id = of_id;
    when 'legal_stop' then select l.debtor_id into debtor from legal_stop l where l.id = of_id;
    when 'mandate' then select m.debtor_id into debtor from mandate m where m.id = of_id;
    when 'debit' then select d.debtor_id, d.currency, d.amount_minor into debtor, cur, minor from debit d where d.id = of_id;
    when 'case' then select c.debtor_id, c.currency, c.principal_minor into debtor, cur, minor from collection_case c where c.id = of_id;
    when 'message' then select m.debtor_id into debtor from message m where m.id = of_id;
    else null;
  end case;
  perform emit_event(new.tenant_id, kind, of_kind, of_id, debtor, invoice, cur, minor, new.at, '{}');
  return null;
end $$;
-- +goose StatementEnd
create constraint trigger event_of_audit after insert on audit deferrable initially deferred for each row execute function event_of_audit();

-- Steps of an invoice, taken or not.
-- +goose StatementBegin
create function event_of_decision() returns trigger language plpgsql as $$
declare
  kind text; cur text; minor bigint;
begin
  kind := case new.outcome
    when 'sent' then 'step.taken' when 'done' then 'step.taken' when 'opened' then 'step.taken' when 'confirmed' then 'step.taken'
    when 'held' then 'invoice.held'
    when 'closed' then null -- its collection tells why
    else 'step.' || new.outcome end;
  if kind is null then return null; end if;
  select i.currency, i.open_minor into cur, minor from invoice i where i.id = new.invoice_id;
  perform emit_event(new.tenant_id, kind, 'invoice', new.invoice_id, new.debtor_id, new.invoice_id, cur, minor, new.at,
    jsonb_build_object('step', new.step, 'rule', new.rule, 'outcome', new.outcome));
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_decision after insert on decision for each row execute function event_of_decision();

-- The phase of an invoice.
-- +goose StatementBegin
create function event_of_collection() returns trigger language plpgsql as $$
declare
  before text := case when tg_op = 'INSERT' then 'draft' else old.phase end;
  kind text; cur text; whole bigint; rest bigint;
begin
  if new.phase = before or new.phase = 'draft' then return null; end if;
  kind := case
    when new.phase = 'closed' and new.settled_by_payment then 'invoice.paid'
    when new.phase = 'closed' then 'invoice.closed'
    when before = 'closed' then 'invoice.reopened'
    when before = 'draft' then 'invoice.sent'
    else 'invoice.phase_changed' end;
  -- What was closed before Voldaan knew it is not news.
  if tg_op = 'INSERT' and new.phase = 'closed' then return null; end if;
  select i.currency, i.total_minor, i.open_minor into cur, whole, rest from invoice i where i.id = new.invoice_id;
  perform emit_event(new.tenant_id, kind, 'invoice', new.invoice_id, new.debtor_id, new.invoice_id, cur,
    case when kind in ('invoice.paid', 'invoice.sent') then whole else rest end,
    coalesce(case when new.phase = 'closed' then new.closed_at end, case when tg_op = 'INSERT' then new.started_at end, event_now(new.tenant_id)),
    jsonb_build_object('phase', new.phase, 'before', before, 'on', case when new.phase = 'closed' then new.closed_on end));
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_collection after insert or update of phase on collection for each row execute function event_of_collection();

-- The tenant's time is not at hand everywhere: the latest that was written down.
create function event_now(tenant uuid) returns timestamptz language sql stable
  as $$ select coalesce((select e.at from event e where e.tenant_id = tenant order by e.id desc limit 1), now()) $$;

-- +goose StatementBegin
create function event_of_message() returns trigger language plpgsql as $$
declare
  fresh boolean := tg_op = 'INSERT';
  kind text; moment timestamptz;
begin
  if new.state in ('sent', 'failed', 'uncertain') and (fresh or old.state <> new.state) then
    perform emit_event(new.tenant_id, 'message.' || new.state, 'message', new.id, new.debtor_id, null, null, null, coalesce(new.sent_at, new.handed_over_at, new.created_at),
      jsonb_build_object('step', new.step, 'channel', new.channel));
  end if;
  if (fresh and new.delivery <> '') or (not fresh and old.delivery <> new.delivery) then
    kind := case when new.delivery in ('bounced', 'soft_bounced') then 'message.bounced' when new.delivery in ('delivered', 'failed', 'returned', 'read') then 'message.' || new.delivery end;
    if kind is not null and not (kind = 'message.failed' and new.state = 'failed') and kind <> 'message.returned' then
      perform emit_event(new.tenant_id, kind, 'message', new.id, new.debtor_id, null, null, null, event_now(new.tenant_id),
        jsonb_build_object('step', new.step, 'channel', new.channel, 'delivery', new.delivery));
    end if;
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_message after insert or update of state, delivery on message for each row execute function event_of_message();

-- +goose StatementBegin
create function event_of_payment() returns trigger language plpgsql as $$
declare
  kind text := case new.state when 'booked' then 'payment.received' else 'payment.' || new.state end;
begin
  if tg_op = 'UPDATE' and old.state = new.state then
    if new.charged_back_minor <= old.charged_back_minor then return null; end if;
    kind := 'payment.charged_back';
  end if;
  perform emit_event(new.tenant_id, kind, 'payment', new.id, new.debtor_id, null, new.currency, new.amount_minor, new.updated_at, jsonb_build_object('source', new.source));
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_payment after insert or update of state, charged_back_minor on payment for each row execute function event_of_payment();

-- +goose StatementBegin
create function event_of_task() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform emit_event(new.tenant_id, 'task.created', 'task', new.id, null, null, null, null, new.created_at, jsonb_build_object('kind', new.kind, 'about', new.subject_id));
  elsif old.done_at is null and new.done_at is not null then
    perform emit_event(new.tenant_id, 'task.done', 'task', new.id, null, null, null, null, new.done_at, jsonb_build_object('kind', new.kind, 'about', new.subject_id));
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_task after insert or update of done_at on task for each row execute function event_of_task();

-- +goose StatementBegin
create function event_of_connection() returns trigger language plpgsql as $$
begin
  if new.state <> old.state then
    perform emit_event(new.tenant_id, 'connection.' || new.state, 'connection', new.id, null, null, null, null, event_now(new.tenant_id), jsonb_build_object('connector', new.connector));
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_connection after update of state on connection for each row execute function event_of_connection();

-- +goose StatementBegin
create function event_of_case() returns trigger language plpgsql as $$
declare
  debtor uuid; cur text; minor bigint;
begin
  select c.debtor_id, c.currency, c.principal_minor + c.charges_minor into debtor, cur, minor from collection_case c where c.id = new.case_id;
  perform emit_event(new.tenant_id, 'case.' || new.kind, 'case', new.case_id, debtor, null, cur, minor, new.at, '{}');
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_case after insert on case_event for each row execute function event_of_case();

-- The worker: tenants with events to number, and deliveries that are due. One
-- of a subject waits for those before it.
create policy door on event for select to voldaan_door using (true);
create policy door on webhook_endpoint for select to voldaan_door using (true);
create policy door on webhook_delivery to voldaan_door using (true) with check (true);
grant select on event, webhook_endpoint to voldaan_door;
grant select, update on webhook_delivery to voldaan_door;

create function door_events_waiting(most int) returns table (tenant_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select distinct e.tenant_id from event e where e.seq is null limit most $$;

create function door_claim_deliveries(moment timestamptz, most int, lease interval) returns table (id bigint, tenant_id uuid)
  language sql security definer set search_path = public, pg_temp
  as $$
    update webhook_delivery d set next_at = moment + lease, attempts = attempts + 1
    where d.id in (
      select c.id from webhook_delivery c join webhook_endpoint w on w.id = c.endpoint_id
      where c.state = 'pending' and c.next_at <= moment and w.state = 'active'
        and not exists (select 1 from webhook_delivery o where o.endpoint_id = c.endpoint_id and o.subject_id = c.subject_id and o.state = 'pending' and o.id < c.id)
      order by c.next_at, c.id limit most for update of c skip locked)
    returning d.id, d.tenant_id
  $$;

-- +goose StatementBegin
do $$
declare f text;
begin
  grant create on schema public to voldaan_door;
  foreach f in array array['door_events_waiting(int)', 'door_claim_deliveries(timestamptz, int, interval)'] loop
    execute 'alter function ' || f || ' owner to voldaan_door';
    execute 'revoke all on function ' || f || ' from public';
    execute 'grant execute on function ' || f || ' to voldaan_app';
  end loop;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
