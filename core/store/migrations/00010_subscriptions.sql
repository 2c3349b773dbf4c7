-- +goose Up
-- Standing orders at packages to call us on changes.

create table subscription (
  administration_id uuid primary key references administration,
  tenant_id         uuid not null references tenant,
  -- The package's id; empty until it has answered.
  external_id       text not null default '',
  url               text not null,
  sealed_secret     bytea not null default '',
  -- Why the package does not call us.
  problem           text not null default '',
  tried_at          timestamptz not null default now()
);

alter table subscription enable row level security;
alter table subscription force row level security;
create policy tenant on subscription to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on subscription to voldaan_app;
