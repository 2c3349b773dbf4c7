-- +goose Up
-- Which bailiff gets a case, on what terms, and what follows when one gives it back.

alter table bailiff
  -- What was agreed on: in words, and the part of what comes in that is the
  -- bailiff's, in hundredths of a per cent.
  add terms  text not null default '',
  add fee_bp int not null default 0 check (fee_bp between 0 and 10000);

-- The terms as they were when somebody agreed to this hand-over.
alter table case_handover add terms text not null default '';

alter table case_policy
  -- The bailiff of these books; none is the standard one of the organisation.
  add bailiff_id   uuid references bailiff,
  -- A claim that a bailiff could not collect waits for a person, or is watched.
  add after_failed text not null default 'ask' check (after_failed in ('ask', 'watch'));

-- The bailiff of this case; none is that of its books.
alter table collection_case add bailiff_id uuid references bailiff;
