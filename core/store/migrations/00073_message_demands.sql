-- +goose Up
-- Whether a message asked the debtor to pay: the interval between two reminders
-- counts from those that did. A call or a word before the due date did not.
alter table message add demands boolean not null default true;
update message set demands = false
where not asks or step in ('invoice', 'pre_reminder', 'payment_reversed', 'voice_call', 'contact_attempt', 'portal_code', 'answer');

