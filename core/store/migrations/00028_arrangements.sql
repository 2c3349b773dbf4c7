-- +goose Up
-- What a creditor and a debtor agree, or do not agree: promises, payment plans,
-- disputes on a part, "I paid already", and legal stops.

-- How a creditor wants its arrangements; without a row the defaults of
-- arrangement.Defaults hold.
create table arrangement_policy (
  administration_id uuid primary key references administration,
  tenant_id         uuid not null references tenant,
  settings          jsonb not null,
  updated_at        timestamptz not null,
  updated_by        text not null
);

-- A debtor's word to pay an amount on a day (R67-R69).
create table promise (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  invoice_id        uuid not null,
  currency          char(3) not null,
  amount_minor      bigint not null check (amount_minor > 0),
  pay_on            date not null,
  grace_until       date not null, -- the last day on which money is in time
  state             text not null check (state in ('open', 'kept', 'partly_kept', 'broken', 'withdrawn', 'cancelled')),
  channel           text not null check (channel in ('portal', 'person', 'call', 'api')),
  note              text not null default '',
  -- What was open and paid when it was made, to tell what came since.
  open_minor        bigint not null,
  paid_minor        bigint not null,
  received_minor    bigint not null default 0, -- in time, as judged
  step              text not null default '',  -- the flow was on it
  hold_id           uuid not null,
  created_at        timestamptz not null, -- in the tenant's time
  created_by        text not null,
  ended_at          timestamptz,
  ended_by          text not null default ''
);
create index promise_invoice on promise (tenant_id, invoice_id);
create index promise_debtor on promise (tenant_id, debtor_id, created_at);
create unique index promise_open on promise (tenant_id, invoice_id) where state = 'open';

-- A payment plan with its instalments (R75-R82).
create table payment_plan (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  case_id           uuid references collection_case,
  state             text not null check (state in ('proposed', 'active', 'completed', 'broken', 'cancelled', 'rejected')),
  proposed_by       text not null check (proposed_by in ('debtor', 'creditor')),
  created_by        text not null,
  note              text not null default '',
  currency          char(3) not null,
  principal_minor   bigint not null,
  costs_minor       bigint not null,
  interest_minor    bigint not null,
  interval          text not null check (interval in ('week', 'month')),
  -- R79: what a payment beyond the instalment of its period lowers.
  reduce            text not null check (reduce in ('last', 'next')),
  -- R78, R77: as agreed when it was made.
  rest_due          boolean not null,
  grace_days        int not null,
  cure_days         int not null,
  break_approval    boolean not null,
  -- R82: costs that are waived when it completes, and what became of that.
  waive_minor       bigint not null default 0,
  waiver            text not null default '' check (waiver in ('', 'conditional', 'final', 'lapsed')),
  automatic         boolean not null default false, -- inside the limits (R81)
  created_at        timestamptz not null, -- in the tenant's time
  accepted_at       timestamptz,
  accepted_by       text not null default '',
  warned_seq        int not null default 0,
  warned_at         timestamptz,
  cure_on           date,
  break_asked_at    timestamptz,
  ended_at          timestamptz,
  ended_by          text not null default '',
  ended_why         text not null default ''
);
create index payment_plan_debtor on payment_plan (tenant_id, debtor_id, created_at);
create index payment_plan_list on payment_plan (tenant_id, created_at desc, id desc);

create table payment_plan_invoice (
  plan_id         uuid not null references payment_plan,
  invoice_id      uuid not null,
  tenant_id       uuid not null,
  principal_minor bigint not null, -- of this invoice in the plan
  open_minor      bigint not null, -- when it was accepted
  paid_minor      bigint not null,
  step            text not null default '', -- the flow was on it
  hold_id         uuid,
  primary key (plan_id, invoice_id)
);
create index payment_plan_invoice_invoice on payment_plan_invoice (tenant_id, invoice_id);

create table payment_plan_instalment (
  plan_id         uuid not null references payment_plan,
  seq             int not null,
  tenant_id       uuid not null,
  due             date not null,
  principal_minor bigint not null,
  costs_minor     bigint not null,
  interest_minor  bigint not null,
  told_before     timestamptz,
  told_on         timestamptz,
  told_after      timestamptz,
  primary key (plan_id, seq)
);

-- "I paid already", with or without proof: a hold that ends by itself.
create table paid_claim (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  invoice_id        uuid not null,
  currency          char(3) not null,
  amount_minor      bigint not null check (amount_minor > 0),
  paid_on           date,
  note              text not null default '',
  state             text not null check (state in ('open', 'matched', 'not_found', 'withdrawn')),
  open_minor        bigint not null,
  hold_id           uuid not null,
  until             timestamptz not null,
  created_at        timestamptz not null, -- in the tenant's time
  created_by        text not null,
  ended_at          timestamptz,
  ended_by          text not null default ''
);
create index paid_claim_invoice on paid_claim (tenant_id, invoice_id);
create unique index paid_claim_open on paid_claim (tenant_id, invoice_id) where state = 'open';

-- Where a flow goes on after an arrangement ended, until it asked again.
create table flow_resume (
  invoice_id     uuid primary key,
  tenant_id      uuid not null,
  step           text not null,
  firmer         boolean not null, -- R69: one tone higher
  rule           text not null,
  promised_minor bigint not null default 0, -- what the next demand recalls
  promised_on    date,
  at             timestamptz not null
);

-- Faillissement, surseance, WSNP, adempauze, overlijden, bewind (R97).
create table legal_stop (
  id                uuid primary key,
  tenant_id         uuid not null,
  administration_id uuid not null,
  debtor_id         uuid not null,
  kind              text not null check (kind in ('bankruptcy', 'suspension', 'debt_relief', 'breathing_space', 'death', 'administration')),
  effective_on      date not null,
  ends_on           date, -- of a breathing space, as decided
  source            text not null,
  reference         text not null default '', -- number of the insolvency or the decision
  contact           text not null default '', -- curator, administrator, heirs
  note              text not null default '',
  hold_id           uuid not null,
  recorded_at       timestamptz not null, -- in the tenant's time
  recorded_by       text not null,
  lifted_at         timestamptz,
  lifted_by         text not null default '',
  lifted_why        text not null default ''
);
create index legal_stop_debtor on legal_stop (tenant_id, debtor_id);

-- What a debtor did that tells how they pay; append-only, for the score.
create table behaviour_event (
  id           bigint generated always as identity primary key,
  tenant_id    uuid not null,
  debtor_id    uuid not null,
  invoice_id   uuid,
  kind         text not null,
  amount_minor bigint not null default 0,
  currency     char(3) not null default 'EUR',
  at           timestamptz not null
);
create index behaviour_event_debtor on behaviour_event (tenant_id, debtor_id, at);

alter table dispute
  add lines          text not null default '',  -- which lines, in the debtor's words
  add owner_id       uuid,
  add opened_by      text not null default 'debtor',
  add step           text not null default '',  -- the flow was on it
  add escalated_at   timestamptz,
  add resolved_by    text not null default '',
  -- R73: what is to be credited, and what total less paid was at that moment.
  add accepted_minor bigint not null default 0,
  add total_minor    bigint not null default 0,
  add base_minor     bigint not null default 0,
  add credited_at    timestamptz;
create index dispute_state on dispute (tenant_id, state, deadline);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['arrangement_policy', 'promise', 'payment_plan', 'payment_plan_invoice', 'payment_plan_instalment',
    'paid_claim', 'flow_resume', 'legal_stop', 'behaviour_event']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke update, delete on behaviour_event from voldaan_app;
grant usage on all sequences in schema public to voldaan_app;
