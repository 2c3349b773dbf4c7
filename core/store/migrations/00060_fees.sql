-- +goose Up
-- What reminders cost a debtor outside a case, by law: append-only, and apart from
-- the invoice, whose open amount the books know.
create table fee_entry (
  id               bigint generated always as identity primary key,
  tenant_id        uuid not null references tenant,
  administration_id uuid not null references administration,
  invoice_id       uuid not null,
  kind             text not null check (kind in ('charged', 'waived', 'restored', 'taken_over')),
  amount_minor     bigint not null, -- what the debtor owes more by it, or less
  currency         char(3) not null,
  message_id       uuid, -- of a charge: the reminder
  case_id          uuid, -- of what a case took over
  law              text not null default '', -- of a charge: ISO 3166-1
  calculation      jsonb not null default '{}',
  why              text not null default '',
  actor            text not null,
  on_day           date not null, -- in the creditor's zone
  at               timestamptz not null, -- in the tenant's time
  check ((kind = 'charged') = (message_id is not null)),
  check ((kind = 'taken_over') = (case_id is not null)),
  check ((kind in ('charged', 'restored')) = (amount_minor > 0))
);
-- A reminder costs a debtor once, however often it is looked at.
create unique index fee_entry_once on fee_entry (tenant_id, message_id) where kind = 'charged';
create index fee_entry_invoice on fee_entry (tenant_id, invoice_id);
create index fee_entry_administration on fee_entry (tenant_id, administration_id);
alter table fee_entry enable row level security;
alter table fee_entry force row level security;
create policy tenant on fee_entry to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert on fee_entry to voldaan_app;
grant usage on all sequences in schema public to voldaan_app;

-- A case takes over what is open of them, as costs of its own kind.
alter table claim_entry drop constraint claim_entry_kind_check;
alter table claim_entry add constraint claim_entry_kind_check check (kind in ('costs', 'costs_vat', 'fee', 'interest', 'waiver', 'payment'));

-- What of a checkout is for costs, interest and fees: money that settles no invoice.
alter table checkout add column charges_minor bigint not null default 0;
