-- +goose Up
-- What agencies say besides a score: in hundredths of a percent, in days, in words.
alter table credit_report
  add column company_id     text not null default '',
  add column probability    int,
  add column insolvent      boolean not null default false,
  add column natural_person boolean not null default false,
  add column days_late      int,
  add column facts          jsonb not null default '[]',
  add column price_minor    bigint,
  add column price_currency char(3);

-- Companies that an agency took a debtor for when it was last asked, best fit first.
create table credit_company (
  tenant_id      uuid not null references tenant,
  debtor_id      uuid not null,
  connection_id  uuid not null,
  company_id     text not null, -- the agency's
  rank           int not null,
  name           text not null,
  registration   text not null default '',
  city           text not null default '',
  status         text not null default '',
  natural_person boolean not null default false,
  found_by       text not null check (found_by in ('registration', 'vat_number', 'name')),
  price_minor    bigint,
  price_currency char(3),
  found_at       timestamptz not null, -- in the tenant's time
  primary key (tenant_id, debtor_id, company_id)
);

-- A report that was asked for, by the key of the asking: written down before the
-- agency is asked, so that it is asked once.
create table credit_request (
  id             uuid primary key, -- the key
  tenant_id      uuid not null references tenant,
  debtor_id      uuid not null,
  connection_id  uuid not null,
  source         text not null,
  company_id     text not null,
  price_minor    bigint,          -- as told to whoever asked
  price_currency char(3),
  asked_by       text not null,
  asked_at       timestamptz not null, -- in the tenant's time
  state          text not null default 'asked' check (state in ('asked', 'kept', 'refused', 'unknown')),
  reason         text not null default '',
  report_id      uuid,
  ended_at       timestamptz
);
create index credit_request_debtor on credit_request (tenant_id, debtor_id, asked_at desc);

-- How debtors are judged; the defaults are in core/credit.
create table credit_setting (
  tenant_id       uuid primary key references tenant,
  natural_persons boolean not null default false, -- ask for reports on sole traders too
  risk_from_score boolean not null default true,
  high_below      int not null check (high_below between 0 and 100),
  low_from        int not null check (low_from between 1 and 101 and low_from > high_below),
  set_by          text not null,
  set_at          timestamptz not null
);

-- A risk that was computed gives way to one that a person set.
alter table debtor_risk
  add column computed boolean not null default false,
  add column why      text not null default '';

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['credit_company', 'credit_request', 'credit_setting'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke delete on credit_request from voldaan_app;
