-- +goose Up
-- What is said to and by a bailiff keeps its order also within one moment, and a
-- hand-over sends one archive however often it is tried.

alter table bailiff_note add seq bigint generated always as identity;
alter table case_handover
  add seq        bigint generated always as identity,
  -- The archive that leaves, and the last event of the case that it tells of; what
  -- came later is told by notes.
  add archive_id uuid references document,
  add told_event bigint not null default 0;
update case_handover h set told_event = coalesce((select max(e.id) from case_event e where e.case_id = h.case_id and e.at < h.sent_at), 0) where h.sent_at is not null;
