-- +goose Up
-- A country is a text like everywhere else.
alter table credit_report alter country type text;
