-- +goose Up
-- Which provider carries which channel, what was handed to it, and what became
-- of each form of a message.

create table channel (
  tenant_id         uuid not null references tenant,
  administration_id uuid not null references administration,
  channel           text not null check (channel in ('sms', 'voice', 'letter', 'peppol')),
  -- How letters leave: printed and posted the same day by somebody, in batches
  -- that a person marks as posted, or by a provider. The others always by one.
  mode              text not null default 'provider' check (mode in ('assumed', 'batch', 'provider')),
  connection_id     uuid references connection,
  account           text not null default '', -- what the provider calls the account
  sender            text not null default '',
  daily_limit       int not null default 0,   -- messages a day, 0 for no limit
  -- What a message is expected to cost, for rehearsals and for letters posted by hand.
  price_minor       bigint not null default 0,
  price_currency    char(3) not null default 'EUR',
  enabled           boolean not null default true,
  primary key (tenant_id, administration_id, channel)
);
alter table channel enable row level security;
alter table channel force row level security;
create policy tenant on channel to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on channel to voldaan_app;

alter table message drop constraint message_channel_check;
alter table message add constraint message_channel_check check (channel in ('email', 'letter', 'sms', 'voice', 'peppol', 'task'));
alter table message drop constraint message_delivery_check;
alter table message add constraint message_delivery_check
  check (delivery in ('', 'accepted', 'sent', 'delivered', 'failed', 'returned', 'bounced', 'soft_bounced', 'printed', 'posted'));
alter table message
  add connection_id  uuid references connection, -- the provider that carries it; null for our own mail and printer
  add account        text not null default '',
  add external_id    text not null default '',   -- the provider's
  add form           jsonb not null default '{}', -- what is handed over besides text and files, as it is
  add price_minor    bigint,
  add price_currency char(3),
  add parts          int not null default 0,
  add posted_on      date;
create index message_external on message (tenant_id, connection_id, external_id) where external_id <> '';
create index message_unposted on message (tenant_id, administration_id) where channel = 'letter' and delivery = 'printed' and posted_on is null;

-- What became of a form of a message, in the order in which it was heard;
-- append-only.
create table delivery_event (
  id         bigint generated always as identity primary key,
  tenant_id  uuid not null references tenant,
  message_id uuid not null references message,
  at         timestamptz not null, -- in the tenant's time
  state      text not null,
  detail     text not null default '',
  source     text not null         -- provider, person, mail, voldaan
);
create index delivery_event_message on delivery_event (tenant_id, message_id);
alter table delivery_event enable row level security;
alter table delivery_event force row level security;
create policy tenant on delivery_event to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert on delivery_event to voldaan_app;

-- Letters that were printed together, and the day on which they were posted.
create table letter_batch (
  id                uuid primary key,
  tenant_id         uuid not null references tenant,
  administration_id uuid not null references administration,
  made_at           timestamptz not null,
  made_by           text not null,
  posted_on         date,
  posted_by         text not null default '',
  undone_at         timestamptz,
  undone_by         text not null default ''
);
create table letter_batch_message (
  batch_id   uuid not null references letter_batch,
  message_id uuid not null references message,
  tenant_id  uuid not null references tenant,
  place      int not null,
  primary key (batch_id, message_id)
);
alter table letter_batch enable row level security;
alter table letter_batch force row level security;
create policy tenant on letter_batch to voldaan_app using (tenant_id = (select current_tenant()));
alter table letter_batch_message enable row level security;
alter table letter_batch_message force row level security;
create policy tenant on letter_batch_message to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update on letter_batch to voldaan_app;
grant select, insert, delete on letter_batch_message to voldaan_app;

-- A notice whose letter has yet to be posted starts no term.
alter table notice add awaits_post boolean not null default false;

-- An address that the debtor gave in the portal and proved by a link. It is used
-- until the books give another one than they had then (R60).
create table debtor_contact (
  tenant_id    uuid not null references tenant,
  debtor_id    uuid not null,
  email        text not null,
  source_email text not null,       -- what the books had
  token_hash   bytea not null unique,
  asked_at     timestamptz not null,
  expires_at   timestamptz not null,
  verified_at  timestamptz,
  ended_at     timestamptz,
  primary key (tenant_id, debtor_id, token_hash)
);
alter table debtor_contact enable row level security;
alter table debtor_contact force row level security;
create policy tenant on debtor_contact to voldaan_app using (tenant_id = (select current_tenant()));
create policy door on debtor_contact for select to voldaan_door using (true);
grant select, insert, update on debtor_contact to voldaan_app;
grant select on debtor_contact to voldaan_door;

create function door_contact(hash bytea) returns table (tenant_id uuid, debtor_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select c.tenant_id, c.debtor_id from debtor_contact c where c.token_hash = hash $$;

-- Debtors who want nothing but what the law asks for, or who called a message
-- spam (R59).
create table objection (
  tenant_id uuid not null references tenant,
  debtor_id uuid not null,
  channel   text not null,   -- email, sms or voice
  reason    text not null check (reason in ('unsubscribed', 'complaint')),
  at        timestamptz not null,
  primary key (tenant_id, debtor_id, channel)
);
alter table objection enable row level security;
alter table objection force row level security;
create policy tenant on objection to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, delete on objection to voldaan_app;

-- A sender whose mail came back too often (R55).
alter table administration add mail_stopped_at timestamptz, add mail_stopped_why text not null default '';

-- +goose StatementBegin
do $$
begin
  grant create on schema public to voldaan_door;
  alter function door_contact(bytea) owner to voldaan_door;
  revoke all on function door_contact(bytea) from public;
  grant execute on function door_contact(bytea) to voldaan_app;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
