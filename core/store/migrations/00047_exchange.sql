-- +goose Up
-- Exchange rates for claims in another currency than the law's (R123): reference
-- rates by day, what a person gave for one invoice, and what a notice or a case was
-- computed with, which never changes.
create table exchange_rate (
  tenant_id  uuid not null references tenant,
  kind       text not null check (kind in ('reference', 'invoice', 'notice', 'case')),
  subject_id uuid not null default '00000000-0000-0000-0000-000000000000', -- the zero id for a reference rate
  base       char(3) not null,
  quote      char(3) not null,
  units      text not null check (units ~ '^[0-9]{1,10}([.][0-9]{1,10})?$'), -- of quote for one of base
  rate_on    date not null,
  source     text not null check (source <> ''),
  given_by   text not null,
  at         timestamptz not null,
  primary key (tenant_id, kind, subject_id, base, quote, rate_on),
  check (base <> quote),
  check ((kind = 'reference') = (subject_id = '00000000-0000-0000-0000-000000000000'))
);
create index exchange_rate_subject on exchange_rate (subject_id) where kind <> 'reference';
alter table exchange_rate enable row level security;
alter table exchange_rate force row level security;
create policy tenant on exchange_rate to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on exchange_rate to voldaan_app;
