-- +goose Up
-- What a debtor did or wrote that makes the limitation of a case begin anew by its
-- law, each with why it counts (R111). One that turns out not to stand is ended, and
-- stays on record.
create table acknowledgement (
  id         uuid primary key,
  tenant_id  uuid not null references tenant,
  case_id    uuid not null references collection_case,
  invoice_id uuid, -- null for all invoices of the case
  kind       text not null check (kind in ('writing', 'plan', 'payment')),
  on_day     date not null,
  source_id  uuid not null, -- the payment, plan or promise; the row itself for what a person noted
  why        text not null check (why <> ''),
  actor      text not null,
  at         timestamptz not null, -- in the tenant's time
  ended_at   timestamptz,
  ended_why  text not null default ''
);
create unique index acknowledgement_once on acknowledgement (tenant_id, case_id, source_id, coalesce(invoice_id, '00000000-0000-0000-0000-000000000000')) where ended_at is null;
create index acknowledgement_case on acknowledgement (tenant_id, case_id);
alter table acknowledgement enable row level security;
alter table acknowledgement force row level security;
create policy tenant on acknowledgement to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update on acknowledgement to voldaan_app;
