-- +goose Up
-- Bailiffs and collectors of the creditor's choice, cases that they have, and
-- what is said about these.

create table bailiff (
  id              uuid primary key,
  tenant_id       uuid not null references tenant,
  name            text not null,
  kind            text not null check (kind in ('bailiff', 'collector')),
  country         text not null default 'NL',
  -- A collector that is paid only from what it brings in.
  no_cure_no_pay  boolean not null default false,
  email           text not null default '',
  phone           text not null default '',
  -- The register of the law (in the Netherlands the one of the Wki, R110).
  register_number text not null default '',
  register_until  date,
  register_seen   date, -- when somebody looked it up
  -- Where the debtor pays while the bailiff has the case (R109).
  pays_to         text not null default 'creditor' check (pays_to in ('creditor', 'bailiff')),
  transport       text not null check (transport in ('email', 'sftp', 'api')),
  endpoint        text not null default '',
  folder          text not null default '',
  username        text not null default '',
  host_key        text not null default '', -- SHA-256 fingerprint of an SFTP server
  sealed_secret   bytea,
  cursor          text not null default '',
  standard        boolean not null default false,
  active          boolean not null default true,
  created_at      timestamptz not null
);
create unique index bailiff_standard on bailiff (tenant_id) where standard and active;

create table case_handover (
  id          uuid primary key,
  tenant_id   uuid not null references tenant,
  case_id     uuid not null references collection_case,
  bailiff_id  uuid not null references bailiff,
  state       text not null check (state in ('proposed', 'approved', 'sent', 'recalled', 'ended', 'refused')),
  pays_to     text not null,
  proposed_by text not null,
  proposed_at timestamptz not null,
  approved_by text not null default '',
  approved_at timestamptz,
  version     int not null default 0, -- of the dossier that went along
  sent_at     timestamptz,
  reference   text not null default '', -- the bailiff's own
  last_error  text not null default '',
  ended_at    timestamptz,
  ended_why   text not null default ''
);
create unique index case_handover_one on case_handover (case_id) where state in ('proposed', 'approved', 'sent');

create table bailiff_note (
  id          uuid primary key,
  tenant_id   uuid not null references tenant,
  case_id     uuid not null references collection_case,
  handover_id uuid not null references case_handover,
  direction   text not null check (direction in ('in', 'out')),
  kind        text not null check (kind in ('status', 'question', 'answer', 'payment', 'correction', 'recall', 'closed', 'costs')),
  text        text not null,
  amount_minor bigint not null default 0,
  currency    text not null default '',
  on_day      date,
  external_id text not null,
  author      text not null,
  created_at  timestamptz not null,
  sent_at     timestamptz,
  last_error  text not null default '',
  unique (handover_id, direction, external_id)
);
create index bailiff_note_case on bailiff_note (tenant_id, case_id, created_at);

alter table collection_case
  add look_on  date,                         -- when a case that is watched is looked at next
  add look_why text not null default '',
  -- The last act that interrupted limitation, beside our own demands (R111).
  add interrupted_on date;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['bailiff', 'case_handover', 'bailiff_note'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
