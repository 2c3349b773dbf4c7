-- +goose Up
-- What the books said of an invoice, each time that it changed, so that the
-- figures of a past day can be told again.

create table invoice_change (
  id          bigint generated always as identity primary key,
  tenant_id   uuid not null,
  invoice_id  uuid not null,
  at          timestamptz not null, -- in the tenant's time
  status      text not null,
  due         date not null,
  total_minor bigint not null,
  open_minor  bigint not null,
  gone        boolean not null default false
);
create index invoice_change_invoice on invoice_change (tenant_id, invoice_id, id);

alter table invoice_change enable row level security;
alter table invoice_change force row level security;
create policy tenant on invoice_change to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert on invoice_change to voldaan_app;

insert into invoice_change (tenant_id, invoice_id, at, status, due, total_minor, open_minor, gone)
  select tenant_id, id, coalesce(gone_at, changed_at), status, due, total_minor, open_minor, gone_at is not null from invoice;

-- A trigger, because invoices are written in bulk from several places.
-- +goose StatementBegin
create function note_invoice_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.status, old.due, old.total_minor, old.open_minor, old.gone_at is null)
      is not distinct from (new.status, new.due, new.total_minor, new.open_minor, new.gone_at is null) then
    return null;
  end if;
  insert into invoice_change (tenant_id, invoice_id, at, status, due, total_minor, open_minor, gone)
    values (new.tenant_id, new.id, coalesce(new.gone_at, new.changed_at), new.status, new.due, new.total_minor, new.open_minor, new.gone_at is not null);
  return null;
end $$;
-- +goose StatementEnd
create trigger invoice_change after insert or update on invoice for each row execute function note_invoice_change();

-- What a debtor may owe, as a person decided; the lowest of all limits counts.
create table credit_limit (
  tenant_id    uuid not null references tenant,
  debtor_id    uuid not null,
  kind         text not null check (kind in ('own', 'manual')),
  currency     char(3) not null,
  amount_minor bigint not null check (amount_minor >= 0),
  note         text not null default '',
  set_by       text not null,
  set_at       timestamptz not null, -- in the tenant's time
  primary key (tenant_id, debtor_id, kind)
);

-- What was delivered or agreed and is not invoiced yet.
create table unbilled (
  tenant_id    uuid not null references tenant,
  debtor_id    uuid not null,
  currency     char(3) not null,
  amount_minor bigint not null check (amount_minor >= 0),
  note         text not null default '',
  set_by       text not null,
  set_at       timestamptz not null,
  primary key (tenant_id, debtor_id, currency)
);

-- Reports of agencies, kept as they came; the newest counts.
create table credit_report (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  debtor_id     uuid not null,
  connection_id uuid,
  source        text not null,
  external_id   text not null default '',
  reported_on   date not null,
  score         int,
  score_max     int,
  grade         text not null default '',
  advice        text not null default '',
  status        text not null default '', -- of the company: active, insolvent, dissolved
  limit_minor   bigint,
  currency      char(3) not null default 'EUR',
  company       text not null default '',
  registration  text not null,
  country       char(2) not null,
  fetched_at    timestamptz not null, -- in the tenant's time
  fetched_by    text not null
);
create index credit_report_debtor on credit_report (tenant_id, debtor_id, fetched_at desc);

-- R122: exposure that passed the limit, until it is below it again.
create table credit_alert (
  id             uuid primary key,
  tenant_id      uuid not null references tenant,
  debtor_id      uuid not null,
  currency       char(3) not null,
  exposure_minor bigint not null,
  limit_minor    bigint not null,
  limit_kind     text not null check (limit_kind in ('own', 'external', 'manual')),
  raised_at      timestamptz not null, -- in the tenant's time
  ended_at       timestamptz
);
create unique index credit_alert_open on credit_alert (tenant_id, debtor_id) where ended_at is null;
create index credit_alert_list on credit_alert (tenant_id, raised_at desc, id desc);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['credit_limit', 'unbilled', 'credit_report', 'credit_alert'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke update, delete on credit_report from voldaan_app;
grant usage on all sequences in schema public to voldaan_app;
