-- +goose Up
-- A report that the agency gave and charged, and that may not be kept.
alter table credit_request drop constraint credit_request_state_check;
alter table credit_request add constraint credit_request_state_check check (state in ('asked', 'kept', 'refused', 'withheld', 'unknown'));
