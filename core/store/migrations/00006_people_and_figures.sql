-- +goose Up
-- What an owner keeps under settings, and what a person decided about figures,
-- payments that were undone and invoices that were sent elsewhere.

alter table administration
  add registration text not null default '', -- number at the chamber of commerce
  add vat_number   text not null default '',
  -- An account that waits for a second person (R124).
  add iban_next    text not null default '',
  add iban_next_by uuid,
  add iban_next_at timestamptz;

alter table api_key add last_used_at timestamptz;

-- A figure of the law that no source confirms reaches debtors only after a
-- person approved its value; append-only.
create table figure_approval (
  tenant_id   uuid not null references tenant,
  figure      text not null,
  value       text not null,
  why         text not null,
  source      text not null,
  approved_by text not null,
  approved_at timestamptz not null,
  primary key (tenant_id, figure, value)
);
alter table figure_approval enable row level security;
alter table figure_approval force row level security;
create policy tenant on figure_approval to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert on figure_approval to voldaan_app;

-- What of a payment was charged back; its amount is what is left.
alter table payment add charged_back_minor bigint not null default 0;

alter table collection
  -- It was closed because it was paid, and not because it was withdrawn.
  add settled_by_payment boolean not null default false,
  -- A payment was undone on this day, and the debtor has yet to be told (R26).
  add reversed_on date,
  add reversed_minor bigint not null default 0; -- how much, 0 when that is not known

-- Lists that are read a page at a time.
create index bank_line_list on bank_line (tenant_id, value_date desc, id desc);
create index collection_case_list on collection_case (tenant_id, opened_at desc, id desc);
create index collection_figure on collection (tenant_id) where held_rule = 'provisional_figure';

-- People decide too: they approve a figure, and say what was sent elsewhere.
alter table decision drop constraint decision_outcome_check;
alter table decision add constraint decision_outcome_check
  check (outcome in ('sent', 'held', 'dropped', 'skipped', 'merged', 'moved', 'parked', 'done', 'closed', 'opened', 'approved', 'confirmed'));
