-- +goose Up
-- What waits besides invoices: the grace of a promise, an instalment, the
-- deadline of a dispute, the day of a collection.

create table matter (
  tenant_id   uuid not null references tenant,
  kind        text not null,
  id          uuid not null,
  -- The tenant's moment; wake_at is the same on the machine's clock.
  at          timestamptz not null,
  wake_at     timestamptz not null,
  -- In words, without anything about a person: an operator reads it.
  why         text not null,
  version     bigint not null default 1,
  closed      boolean not null default false,
  primary key (tenant_id, kind, id)
);
create index matter_due on matter (wake_at) where not closed;

alter table matter enable row level security;
alter table matter force row level security;
create policy tenant on matter to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update on matter to voldaan_app;
