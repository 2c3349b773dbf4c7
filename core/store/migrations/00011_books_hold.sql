-- +goose Up
-- Why the books themselves wait for the money of an invoice: sdk.InvoiceHold.
alter table invoice add hold text not null default '';
