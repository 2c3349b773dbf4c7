-- +goose Up
-- By which law an administration claims, and what its terms say.

alter table administration
  -- ISO 3166-1; empty for the administration's own country.
  add column law_country          text not null default '',
  -- The contract fixes the due date; null for what is usual in the country.
  add column due_agreed           boolean,
  -- The terms claim costs as far as the law allows.
  add column costs_clause         boolean not null default false,
  -- Yearly percentages from the terms, as 12.00; empty for the statutory rate.
  add column agreed_rate_business text not null default '',
  add column agreed_rate_consumer text not null default '',
  -- Our invoice messages state the sentences that the law wants on an invoice.
  add column invoice_notices      boolean not null default false,
  -- What is sold, in a few words, for a notice that has to say so.
  add column supplies             text not null default '',
  -- Regular supply of goods or services, and what the terms ask for a reminder.
  add column recurring_supply     boolean not null default false,
  add column reminder_fee_minor   bigint not null default 0;

-- A notice is of a kind of its law's and goes by post or by e-mail.
alter table notice
  add column law      text not null default 'NL',
  add column kind     text not null default 'fourteen_day_letter',
  add column step     text not null default 'fourteen_day_letter',
  add column channel  text not null default 'post' check (channel in ('post', 'email')),
  add column language text not null default '';
