-- +goose Up
-- What the creditor's terms said when a case was opened: it keeps them when the
-- terms of its administration change. Null for cases from before, which follow the
-- administration.
alter table collection_case
  add column terms_costs_clause boolean,
  add column terms_agreed_rate  text;
