-- +goose Up
-- What a debtor is to be told about an arrangement: written with the decision,
-- sent at the next good moment, once.
create table arrangement_word (
  id         uuid primary key,
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  step       text not null,
  invoices   uuid[] not null,
  detail     jsonb not null default '{}',
  created_at timestamptz not null, -- in the tenant's time
  told_at    timestamptz,
  outcome    text not null default '' -- why it was not told
);
create index arrangement_word_debtor on arrangement_word (tenant_id, debtor_id);
alter table arrangement_word enable row level security;
alter table arrangement_word force row level security;
create policy tenant on arrangement_word to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update on arrangement_word to voldaan_app;
