-- +goose Up
-- What the books say: connections, administrations and the mirror of their
-- records. Nothing here knows of reminders.

create table connection (
  id                 uuid primary key,
  tenant_id          uuid not null references tenant,
  connector          text not null,
  version            text not null default '',
  title              text not null,
  config             jsonb not null default '{}',
  auth               text not null default '',
  -- Sealed with the tenant's key; opened only inside the host's broker.
  sealed_credentials bytea,
  token_generation   bigint not null default 0,
  lease_holder       text,
  lease_until        timestamptz,
  state              text not null default 'new' check (state in ('new', 'connected', 'broken', 'paused', 'removed')),
  state_reason       text not null default '',
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now()
);
create index connection_tenant on connection (tenant_id);

create table administration (
  id               uuid primary key,
  tenant_id        uuid not null references tenant,
  connection_id    uuid references connection,
  external_id      text not null,
  name             text not null,
  country          text not null default 'NL',
  currency         char(3) not null default 'EUR',
  time_zone        text not null default 'Europe/Amsterdam',
  language         text not null default 'nl',
  -- The creditor as debtors see it.
  legal_name       text not null default '',
  sender_email     text not null default '',
  sender_phone     text not null default '',
  line1            text not null default '',
  postal_code      text not null default '',
  city             text not null default '',
  iban             text not null default '',
  accent           text not null default '',
  formal           boolean not null default true,
  flow_business    text not null default 'b2b-nl',
  flow_consumer    text not null default 'b2c-nl',
  -- Nothing is sent before this day; older items start at entry_step (R16).
  go_live_on       date,
  entry_step       text not null default 'reminder_1',
  -- R5: how old the last complete sync may be.
  freshness        interval not null default '26 hours',
  sync_every       interval not null default '1 hour',
  -- "Everything below was so at this moment" by the last complete sync.
  confirmed_at     timestamptz,
  -- A feed of bank statements that comes by itself; then R5's bank limit holds
  -- too. A statement uploaded now and then sets no expectation.
  bank_feed        boolean not null default false,
  bank_confirmed_at timestamptz,
  tolerance_minor  bigint not null default 100,
  minimum_interval int not null default 7,
  created_at       timestamptz not null default now(),
  unique (tenant_id, connection_id, external_id)
);

create table sync_cursor (
  administration_id uuid primary key references administration,
  tenant_id         uuid not null references tenant,
  cursor            bytea not null,
  updated_at        timestamptz not null
);

create table sync_run (
  id                uuid primary key,
  tenant_id         uuid not null references tenant,
  administration_id uuid not null references administration,
  state             text not null check (state in ('running', 'done', 'failed')),
  full_load         boolean not null,
  started_at        timestamptz not null,
  finished_at       timestamptz,
  expected          int not null default 0,
  read              int not null default 0,
  added             int not null default 0,
  changed           int not null default 0,
  gone              int not null default 0,
  held              int not null default 0,
  problem           text not null default '',
  next_try_at       timestamptz,
  -- It failed because most of the books had vanished; the next run decides.
  doubted           boolean not null default false,
  -- By the machine's clock: a run that is silent has died with its process.
  beat_at           timestamptz not null default now()
);
-- Two runs at once would take each other's news for deletions.
create unique index sync_run_one on sync_run (administration_id) where state = 'running';
create index sync_run_recent on sync_run (tenant_id, administration_id, started_at desc);

-- A record that could not be taken as it is; its reminders wait (R7).
create table sync_problem (
  administration_id uuid not null references administration,
  stream            text not null,
  external_id       text not null,
  tenant_id         uuid not null references tenant,
  code              text not null,
  message           text not null,
  at                timestamptz not null,
  primary key (administration_id, stream, external_id)
);

-- Ids of debtors and invoices are UUIDv5 of administration, stream and external
-- id: a record that comes twice, late or before the one it points at needs no
-- look-up. So invoice.debtor_id has no foreign key on purpose.
create table debtor (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  external_id       text not null,
  revision          text not null,
  hash              bigint not null,
  name              text not null,
  kind              text not null,
  attention         text not null,
  email             text not null,
  phone             text not null,
  line1             text not null,
  line2             text not null,
  postal_code       text not null,
  city              text not null,
  country           text not null,
  language          text not null,
  iban              text not null,
  vat_number        text not null,
  registration      text not null,
  url               text not null,
  changed_at        timestamptz not null,
  gone_at           timestamptz
);
create index debtor_administration on debtor (tenant_id, administration_id);
create index debtor_iban on debtor (tenant_id, iban) where iban <> '';

create table invoice (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  external_id       text not null,
  revision          text not null,
  hash              bigint not null,
  number            text not null,
  kind              text not null,
  status            text not null,
  issued            date not null,
  due               date not null,
  currency          char(3) not null,
  total_minor       bigint not null,
  open_minor        bigint not null,
  reference         text not null,
  payment_reference text not null,
  sent_at           timestamptz,
  credits           text not null,
  has_document      boolean not null,
  url               text not null,
  changed_at        timestamptz not null,
  gone_at           timestamptz,
  -- Read at the source on its own, later than the administration's sync.
  confirmed_at      timestamptz
);
create index invoice_debtor on invoice (tenant_id, debtor_id);
create index invoice_due on invoice (tenant_id, administration_id, due) where status = 'open';
create index invoice_number on invoice (tenant_id, number);

create table document (
  id         uuid primary key,
  tenant_id  uuid not null references tenant,
  subject_id uuid not null, -- invoice, message or case
  kind       text not null check (kind in ('invoice', 'letter', 'dossier', 'attachment', 'upload')),
  name       text not null,
  media_type text not null,
  sha256     bytea not null,
  content    bytea not null,
  created_at timestamptz not null
);
create index document_subject on document (tenant_id, subject_id, kind);

-- Files dropped in a folder, uploaded or fetched by SFTP, for the files
-- connector, in the order of arrival.
create table inbox_file (
  seq           bigint generated always as identity primary key,
  tenant_id     uuid not null references tenant,
  connection_id uuid not null references connection,
  name          text not null,
  sha256        bytea not null,
  content       bytea not null,
  received_at   timestamptz not null,
  state         text not null default 'waiting' check (state in ('waiting', 'taken', 'partly', 'refused')),
  kind          text not null default '' check (kind in ('', 'ubl', 'list')),
  documents     int not null default 0, -- invoices that were taken
  problems      jsonb not null default '[]', -- what was not taken, in sentences
  -- What a sync made of it: the state once all that the sync read is stored.
  next_state    text not null default '',
  next_run      uuid,
  -- The sync that read it last, and how often the reader died over it.
  opened_run    uuid,
  opened_at     timestamptz,
  strikes       int not null default 0,
  unique (connection_id, sha256)
);
create index inbox_file_order on inbox_file (connection_id, seq);
create index inbox_file_next on inbox_file (next_run) where next_run is not null;
create index inbox_file_waiting on inbox_file (connection_id, seq) where state = 'waiting';

-- Which file delivered which invoice: the one that it belongs to for good, and
-- the one that told of it last. A file that is sent again goes to the end of the
-- row, and takes its claims along.
create table inbox_claim (
  connection_id uuid not null references connection,
  key           text not null,
  tenant_id     uuid not null references tenant,
  owner_seq     bigint references inbox_file on update cascade,
  digest        text not null default '', -- of the owner's contents
  latest_seq    bigint not null references inbox_file on update cascade,
  primary key (connection_id, key)
);
create index inbox_claim_owner on inbox_claim (owner_seq);
create index inbox_claim_latest on inbox_claim (latest_seq);

-- Where files are fetched from. Whoever moves poll_at on has the next look.
create table inbox_source (
  connection_id uuid not null references connection,
  kind          text not null check (kind in ('folder', 'sftp')),
  tenant_id     uuid not null references tenant,
  poll_at       timestamptz not null default now(),
  polled_at     timestamptz,
  problem       text not null default '', -- of the last look, in a sentence
  primary key (connection_id, kind)
);
create index inbox_source_due on inbox_source (poll_at);
