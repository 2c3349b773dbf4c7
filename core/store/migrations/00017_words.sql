-- +goose Up
-- Messages outside the flow: they are about invoices without demanding them.

alter table message_invoice drop constraint message_invoice_role_check;
alter table message_invoice add constraint message_invoice_role_check check (role in ('demanded', 'not_due', 'not_demanded', 'credit', 'about'));

-- False for a message that asks nothing, so that it keeps no reminder at a
-- distance (R15).
alter table message add asks boolean not null default true;
