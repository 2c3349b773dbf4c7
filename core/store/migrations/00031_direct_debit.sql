-- +goose Up
-- Direct debits: mandates of debtors and what is collected by them.

create table debit_setting (
  administration_id uuid primary key references administration,
  tenant_id         uuid not null references tenant,
  enabled           boolean not null default false, -- collects of everyone who gave a mandate
  offered           boolean not null default false, -- debtors may give one in the portal
  -- Under which the bank statement names the collection: the provider's own.
  creditor_id       text not null default '',
  lead_days         int not null default 14 check (lead_days between 1 and 60),
  retry_lead_days   int not null default 3 check (retry_lead_days between 1 and 60),
  retry             boolean not null default true,
  retry_pay_day     int not null default 26 check (retry_pay_day between 0 and 31),
  retry_after       int not null default 5 check (retry_after between 1 and 60),
  limit_minor       bigint not null default 0 check (limit_minor >= 0), -- of one collection; 0 is none
  month_minor       bigint not null default 0 check (month_minor >= 0), -- of one debtor
  -- Days to pay by transfer after a debit failed or a mandate ended.
  fresh_days        int not null default 14 check (fresh_days between 1 and 60)
);

-- What was chosen for one debtor instead of the administration's setting.
create table debit_choice (
  debtor_id uuid primary key,
  tenant_id uuid not null,
  mode      text not null check (mode in ('on', 'off'))
);

-- A debtor as the payment provider knows one.
create table debit_customer (
  debtor_id   uuid primary key,
  tenant_id   uuid not null,
  customer_id text not null
);

create table mandate (
  id                 uuid primary key,
  tenant_id          uuid not null,
  administration_id  uuid not null,
  debtor_id          uuid not null,
  scheme             text not null default 'core' check (scheme in ('core', 'b2b')),
  state              text not null check (state in ('pending', 'valid', 'suspended', 'revoked', 'not_given', 'expired')),
  why                text not null default '',
  reference          text not null, -- ours, in the text that was agreed to
  provider_reference text not null default '', -- as the debtor's bank knows it
  customer_id        text not null default '',
  provider_id        text not null default '',
  checkout_id        uuid, -- its first payment
  -- What the debtor agreed to, and when.
  signed_at          timestamptz not null,
  signed_on          date not null,
  language           text not null,
  wording            text not null,
  lead_days          int not null,
  retry_lead_days    int not null,
  account_last       text not null default '', -- last four characters of the IBAN
  sealed_account     bytea not null default '',
  last_used          date,
  ended_at           timestamptz,
  ended_by           text not null default '',
  checked_at         timestamptz
);
create unique index mandate_one on mandate (tenant_id, debtor_id) where state = 'valid';
create unique index mandate_reference on mandate (tenant_id, reference);
create index mandate_debtor on mandate (tenant_id, debtor_id);
create index mandate_checkout on mandate (tenant_id, checkout_id);

-- One collection by a mandate. Its id is that of its checkout at the provider.
create table debit (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  mandate_id        uuid not null references mandate,
  state             text not null check (state in ('scheduled', 'announced', 'submitted', 'paid', 'failed', 'cancelled', 'reversed')),
  attempt           int not null default 1,
  retry_of          uuid references debit,
  currency          char(3) not null,
  amount_minor      bigint not null,
  announce_on       date not null,
  submit_on         date not null,
  collect_on        date not null,
  why               text not null default '', -- of its day, or of its end
  announced_on      date,
  message_id        uuid,
  submitted_at      timestamptz,
  settled_on        date,
  bank_reference    text not null default '', -- the provider's, on the statement
  reason_code       text not null default '',
  reason_rule       text not null default '',
  -- A refusal that is to be tried again: reminders wait (R85).
  will_retry        boolean not null default false,
  -- A person is asked whether a refusal is a dispute (R88).
  asked             boolean not null default false,
  back_minor        bigint not null default 0, -- what was taken back
  -- What the debtor is still to be told: '', failed or reversed.
  tell              text not null default '' check (tell in ('', 'failed', 'reversed')),
  pay_by            date,
  created_at        timestamptz not null,
  ended_at          timestamptz,
  ended_by          text not null default ''
);
create index debit_debtor on debit (tenant_id, debtor_id);
create index debit_mandate on debit (tenant_id, mandate_id);
create index debit_list on debit (tenant_id, collect_on desc, id desc);

create table debit_invoice (
  debit_id     uuid not null references debit,
  invoice_id   uuid not null,
  tenant_id    uuid not null,
  amount_minor bigint not null,
  primary key (debit_id, invoice_id)
);
create index debit_invoice_invoice on debit_invoice (tenant_id, invoice_id);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['debit_setting', 'debit_choice', 'debit_customer', 'mandate', 'debit', 'debit_invoice']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
-- Agreements and collections are kept.
revoke delete on mandate, debit, debit_invoice from voldaan_app;
