-- +goose Up
-- The sub-ledger of a case: what each payment went to, what a case follows of the
-- books, what happened with it, and how a creditor wants cases to be handled.

alter table case_invoice
  -- The total of the invoice that the case follows; another one in the books
  -- waits for a person (R24).
  add total_minor     bigint,
  -- What was gone from the invoice at the opening without a payment on record,
  -- and what of it by credit notes that name it.
  add otherwise_minor bigint not null default 0,
  add credited_minor  bigint not null default 0,
  -- It was taken out of the case (R66).
  add left_at         timestamptz,
  add left_why        text not null default '',
  -- The day that the books first said that it was paid, without a payment.
  add untracked_on    date;
update case_invoice ci set total_minor = i.total_minor, otherwise_minor = i.total_minor - ci.principal_minor from invoice i where i.id = ci.invoice_id;
alter table case_invoice alter total_minor set not null;

alter table collection_case drop constraint collection_case_state_check;
alter table collection_case
  add constraint collection_case_state_check check (state in ('open', 'ready', 'bailiff', 'monitored', 'closed')),
  add closed_code text not null default '', -- paid, withdrawn, waived or ended
  -- What the case owes in costs and interest after it was last settled; the
  -- amount of a day is computed anew.
  add principal_minor bigint not null default 0,
  add charges_minor   bigint not null default 0,
  add settled_on      date,
  -- The principal is paid and this is left to decide (R36).
  add costs_only_since date;

-- The order that a payment was put to the parts of a claim in. It is decided
-- once: a policy that changes later changes nothing that was paid (R30).
create table case_payment (
  case_id    uuid not null references collection_case,
  payment_id uuid not null references payment,
  tenant_id  uuid not null references tenant,
  ordering   text not null check (ordering in ('statutory', 'principal_first', 'in_term')),
  why        text not null,
  at         timestamptz not null,
  primary key (case_id, payment_id)
);

-- What happened with a case; append-only.
create table case_event (
  id        bigint generated always as identity primary key,
  tenant_id uuid not null references tenant,
  case_id   uuid not null references collection_case,
  at        timestamptz not null, -- in the tenant's time
  kind      text not null,
  actor     text not null,
  text      text not null,
  detail    jsonb not null default '{}'
);
create index case_event_case on case_event (tenant_id, case_id, id);

-- How a creditor handles cases; without a row, the cautious way.
create table case_policy (
  administration_id  uuid primary key references administration,
  tenant_id          uuid not null references tenant,
  ordering           text not null default 'statutory' check (ordering in ('statutory', 'principal_first')),
  costs_left         text not null default 'pause' check (costs_left in ('pause', 'pursue', 'waive')),
  waive_after_days   int not null default 30 check (waive_after_days between 0 and 365),
  -- Interest of the last days before a payment of all that was owed is let go.
  grace_days         int not null default 10 check (grace_days between 0 and 31),
  forward            text not null default 'approval' check (forward in ('approval', 'automatic')),
  monitor_months     int not null default 6 check (monitor_months between 1 and 24),
  updated_at         timestamptz not null,
  updated_by         text not null
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['case_payment', 'case_event', 'case_policy'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke update, delete on case_event from voldaan_app;
revoke delete on case_payment from voldaan_app;
grant usage on all sequences in schema public to voldaan_app;
