-- +goose Up
-- The law that a case was opened under: it keeps it when the administration
-- chooses another. Empty for cases from before, which follow the administration.
alter table collection_case add column law text not null default '';
