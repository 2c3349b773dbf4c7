-- +goose Up
-- What we do about it: phases, holds, decisions, messages, payments, cases.

-- Our state of an invoice, apart from the mirror of the books.
create table collection (
  invoice_id        uuid primary key references invoice,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  flow              text not null,
  flow_version      int not null,
  phase             text not null check (phase in ('draft', 'sent', 'reminding', 'final', 'case', 'bailiff', 'closed')),
  -- Steps count from here when the due date moved or a payment was undone.
  cycle             int not null default 1,
  -- The plan: what comes next. wake_at is next_at on the machine's clock.
  next_step         text not null default '',
  next_at           timestamptz,
  wake_at           timestamptz,
  next_rule         text not null default '',
  next_why          text not null default '',
  held_rule         text not null default '',
  held_why          text not null default '',
  plan_version      bigint not null default 0,
  -- What the plan was made of, to tell a date that moved from one that did not.
  planned_due       date,
  planned_open      bigint not null default 0,
  not_before        date,
  not_before_rule   text not null default '',
  workflow          text not null default 'none' check (workflow in ('none', 'asked', 'running', 'closed')),
  claimed_until     timestamptz,
  -- The id of its workflow, as an operator reads it: "invoice/acme/2026-0412/1f0c9a2e".
  -- It is given once: the number in the books may change, the id may not.
  workflow_id       text not null,
  started_at        timestamptz not null,
  closed_at         timestamptz,
  -- The value date of what settled it, not the day we heard of it (R2).
  closed_on         date,
  closed_why        text not null default ''
);
create index collection_start on collection (wake_at) where workflow in ('none', 'asked');
create index collection_phase on collection (tenant_id, phase);
create index collection_debtor on collection (tenant_id, debtor_id);
create index collection_next on collection (tenant_id, next_at) where phase <> 'closed';

-- Steps that are behind an invoice.
create table step_record (
  invoice_id uuid not null references collection,
  cycle      int not null,
  step       text not null,
  tenant_id  uuid not null,
  outcome    text not null check (outcome in ('sent', 'by_hand', 'skipped', 'merged', 'done', 'parked')),
  at         timestamptz not null,
  message_id uuid,
  primary key (invoice_id, cycle, step)
);

-- Why something was sent, held, dropped or skipped; append-only.
create table decision (
  id          bigint generated always as identity primary key,
  tenant_id   uuid not null,
  invoice_id  uuid not null,
  debtor_id   uuid not null,
  step        text not null,
  outcome     text not null check (outcome in ('sent', 'held', 'dropped', 'skipped', 'merged', 'moved', 'parked', 'done', 'closed', 'opened')),
  rule        text not null,
  reason      text not null,
  at          timestamptz not null, -- in the tenant's time
  recorded_at timestamptz not null default now(),
  facts       jsonb not null default '{}'
);
create index decision_invoice on decision (tenant_id, invoice_id, id);

create table hold (
  id          uuid primary key,
  tenant_id   uuid not null,
  scope       text not null check (scope in ('invoice', 'debtor', 'administration')),
  scope_id    uuid not null,
  reason      text not null,
  note        text not null default '',
  until       timestamptz,
  created_by  text not null,
  created_at  timestamptz not null,
  released_at timestamptz,
  released_by text not null default ''
);
create index hold_scope on hold (tenant_id, scope_id) where released_at is null;

-- A message as it was sent; the text never changes after it left.
create table message (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  step              text not null,
  cycle             int not null,
  invoice_set       text not null,
  channel           text not null check (channel in ('email', 'letter', 'sms', 'voice', 'task')),
  state             text not null check (state in ('gated', 'handing_over', 'sent', 'failed', 'uncertain', 'dropped')),
  language          text not null,
  template          text not null,
  recipient         text not null,
  subject           text not null,
  body_text         text not null,
  body_html         text not null,
  header_id         text not null unique,
  in_reply_to       text not null default '',
  case_number       text not null default '',
  attempts          int not null default 0,
  last_error        text not null default '',
  created_at        timestamptz not null, -- in the tenant's time
  handed_over_at    timestamptz,
  sent_at           timestamptz,
  delivery          text not null default '' check (delivery in ('', 'accepted', 'bounced', 'soft_bounced', 'printed')),
  evidence          jsonb not null default '{}',
  -- The once-only key: one message per debtor, step, invoice set and cycle.
  unique (tenant_id, debtor_id, step, invoice_set, cycle, channel)
);
create index message_debtor on message (tenant_id, debtor_id, created_at);
create index message_open on message (tenant_id, state) where state in ('gated', 'handing_over', 'uncertain');

create table message_invoice (
  message_id uuid not null references message,
  invoice_id uuid not null,
  tenant_id  uuid not null,
  role       text not null check (role in ('demanded', 'not_due', 'not_demanded', 'credit')),
  step       text not null,
  currency   char(3) not null,
  open_minor bigint not null,
  due        date not null,
  primary key (message_id, invoice_id)
);
create index message_invoice_invoice on message_invoice (tenant_id, invoice_id);

-- Addresses that bounced, per debtor (R52).
create table blocked_address (
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  channel    text not null,
  address    text not null,
  reason     text not null,
  at         timestamptz not null,
  primary key (tenant_id, debtor_id, channel, address)
);

create table correspondence (
  id         uuid primary key,
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  invoice_id uuid,
  direction  text not null check (direction in ('in', 'out')),
  channel    text not null,
  author     text not null,
  subject    text not null default '',
  body       text not null,
  raw        bytea,
  header_id  text not null default '',
  at         timestamptz not null,
  handled_at timestamptz,
  handled_by text not null default ''
);
create index correspondence_debtor on correspondence (tenant_id, debtor_id, at);
create index correspondence_unread on correspondence (tenant_id, at) where direction = 'in' and handled_at is null;
create unique index correspondence_once on correspondence (tenant_id, header_id) where header_id <> '';

create table dispute (
  id           uuid primary key,
  tenant_id    uuid not null,
  invoice_id   uuid not null,
  debtor_id    uuid not null,
  reason       text not null,
  note         text not null default '',
  currency     char(3) not null,
  amount_minor bigint not null,
  state        text not null check (state in ('open', 'accepted', 'rejected', 'withdrawn')),
  opened_at    timestamptz not null,
  deadline     date not null,
  resolved_at  timestamptz,
  resolution   text not null default ''
);
create index dispute_invoice on dispute (tenant_id, invoice_id);

-- Money received, wherever it was seen first.
create table payment (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid,
  source            text not null check (source in ('books', 'bank', 'mollie', 'manual')),
  external_id       text not null,
  state             text not null check (state in ('pending', 'booked', 'failed', 'reversed')),
  currency          char(3) not null,
  amount_minor      bigint not null,
  value_date        date,
  reference         text not null default '',
  counter_name      text not null default '',
  counter_iban      text not null default '',
  seen_at           timestamptz not null,
  updated_at        timestamptz not null,
  unique (administration_id, source, external_id)
);
create index payment_debtor on payment (tenant_id, debtor_id);

create table allocation (
  id           uuid primary key,
  tenant_id    uuid not null,
  payment_id   uuid not null references payment,
  invoice_id   uuid not null,
  kind         text not null default 'principal' check (kind in ('principal', 'costs', 'interest')),
  amount_minor bigint not null,
  method       text not null,
  created_at   timestamptz not null,
  reversed_at  timestamptz,
  -- The books' open amount counts it from here on, so it is not subtracted again.
  reflected_at timestamptz,
  -- The payment in the books that is this one.
  books_id     text not null default ''
);
create index allocation_invoice on allocation (tenant_id, invoice_id);
create index allocation_payment on allocation (tenant_id, payment_id);
create index allocation_books on allocation (tenant_id, books_id) where books_id <> '';

-- A payment on its way at the provider, from the portal.
create table checkout (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  provider          text not null default 'mollie',
  provider_id       text not null default '',
  method            text not null,
  state             text not null check (state in ('open', 'pending', 'paid', 'failed', 'canceled', 'expired')),
  currency          char(3) not null,
  amount_minor      bigint not null,
  url               text not null default '',
  created_at        timestamptz not null,
  checked_at        timestamptz,
  pending_since     timestamptz
);
create unique index checkout_provider on checkout (provider, provider_id) where provider_id <> '';
create index checkout_debtor on checkout (tenant_id, debtor_id);

create table checkout_invoice (
  checkout_id  uuid not null references checkout,
  invoice_id   uuid not null,
  tenant_id    uuid not null,
  amount_minor bigint not null,
  primary key (checkout_id, invoice_id)
);
create index checkout_invoice_invoice on checkout_invoice (tenant_id, invoice_id);

create table bank_statement (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null references administration,
  iban              text not null,
  reference         text not null,
  sequence          text not null,
  currency          char(3) not null,
  opening_minor     bigint not null,
  closing_minor     bigint not null,
  day               date not null,
  file_name         text not null,
  imported_at       timestamptz not null,
  -- statement.Key: some banks number nothing, so balances take part in it.
  statement_key     text not null,
  unique (tenant_id, statement_key)
);

create table bank_line (
  id           uuid primary key,
  tenant_id    uuid not null,
  statement_id uuid not null references bank_statement,
  line_key     text not null,
  value_date   date not null,
  currency     char(3) not null,
  amount_minor bigint not null,
  counter_name text not null,
  counter_iban text not null,
  text         text not null,
  state        text not null check (state in ('matched', 'suggested', 'unmatched', 'ignored', 'reversal')),
  why          text not null,
  proposal     jsonb not null default '{}',
  payment_id   uuid references payment,
  -- A line that comes again in another statement is the same line.
  unique (tenant_id, line_key)
);
create index bank_line_state on bank_line (tenant_id, state);

-- A payment registered in the books by us.
create table write_back (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  payment_id        uuid not null references payment,
  invoice_id        uuid not null,
  amount_minor      bigint not null,
  currency          char(3) not null,
  value_date        date not null,
  reference         text not null,
  state             text not null check (state in ('planned', 'sending', 'applied', 'rejected', 'uncertain')),
  external_id       text not null default '',
  attempts          int not null default 0,
  last_error        text not null default '',
  updated_at        timestamptz not null,
  unique (payment_id, invoice_id)
);

-- The statutory notice (veertiendagenbrief) with its receipt and term.
create table notice (
  id               uuid primary key,
  tenant_id        uuid not null,
  administration_id uuid not null,
  debtor_id        uuid not null,
  message_id       uuid references message,
  posted_on        date not null,
  received_on      date not null,
  term_last_day    date not null,
  costs_from       date not null,
  currency         char(3) not null,
  principal_minor  bigint not null,
  costs_minor      bigint not null,
  provisional      boolean not null,
  void_at          timestamptz,
  void_why         text not null default ''
);
create table notice_invoice (
  notice_id       uuid not null references notice,
  invoice_id      uuid not null,
  tenant_id       uuid not null,
  principal_minor bigint not null,
  primary key (notice_id, invoice_id)
);
create index notice_invoice_invoice on notice_invoice (tenant_id, invoice_id);

-- Numbers that count up per tenant. A number that was given out and not used
-- leaves a gap; none is given out twice.
create table counter (
  tenant_id uuid not null,
  name      text not null,
  value     bigint not null,
  primary key (tenant_id, name)
);

create table collection_case (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  number            text not null,
  state             text not null check (state in ('open', 'ready', 'closed')),
  currency          char(3) not null,
  notice_id         uuid references notice,
  opened_at         timestamptz not null,
  closed_at         timestamptz,
  closed_why        text not null default '',
  unique (tenant_id, number)
);
create table case_invoice (
  case_id         uuid not null references collection_case,
  invoice_id      uuid not null,
  tenant_id       uuid not null,
  principal_minor bigint not null,
  interest_from   date not null,
  primary key (case_id, invoice_id)
);
create index case_invoice_invoice on case_invoice (tenant_id, invoice_id);

-- Costs and interest; append-only, a correction is a further entry.
create table claim_entry (
  id           bigint generated always as identity primary key,
  tenant_id    uuid not null,
  case_id      uuid not null references collection_case,
  invoice_id   uuid,
  kind         text not null check (kind in ('costs', 'costs_vat', 'interest', 'waiver', 'payment')),
  amount_minor bigint not null,
  currency     char(3) not null,
  through      date,
  calculation  jsonb not null default '{}',
  provisional  boolean not null default false,
  at           timestamptz not null
);
create index claim_entry_case on claim_entry (tenant_id, case_id);

create table task (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid,
  kind              text not null,
  subject_id        uuid not null,
  title             text not null,
  detail            text not null default '',
  created_at        timestamptz not null,
  done_at           timestamptz,
  done_by           text not null default ''
);
create unique index task_open on task (tenant_id, kind, subject_id) where done_at is null;

-- The link in a message; it opens nothing by itself (R112).
create table portal_access (
  token_hash bytea primary key,
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create table portal_code (
  id         uuid primary key,
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  code_hash  bytea not null,
  tries      int not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create table portal_session (
  token_hash bytea primary key,
  tenant_id  uuid not null,
  debtor_id  uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

-- Calls from outside that were dealt with (R113).
create table webhook_event (
  provider    text not null,
  event_id    text not null,
  tenant_id   uuid not null,
  received_at timestamptz not null default now(),
  primary key (provider, event_id)
);

-- Work to do outside the transaction that made it necessary.
create table outbox (
  id           bigint generated always as identity primary key,
  tenant_id    uuid not null,
  kind         text not null,
  subject_id   uuid not null,
  payload      jsonb not null default '{}',
  due_at       timestamptz not null default now(),
  attempts     int not null default 0,
  locked_until timestamptz,
  last_error   text not null default ''
);
create index outbox_due on outbox (due_at, id);
