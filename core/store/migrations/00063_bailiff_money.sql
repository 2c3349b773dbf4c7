-- +goose Up
-- The identity of money that a bailiff reports: what is handed on, and what comes
-- again, is known by it and not by its amount.

alter table bailiff_note
  add reference text not null default '', -- the bailiff's own number of the money
  -- The line of a bank statement with which the bailiff handed it on.
  add handed_on text not null default '';
create index bailiff_note_reference on bailiff_note (tenant_id, reference) where reference <> '';
