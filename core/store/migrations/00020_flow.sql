-- +goose Up
-- Flows of a tenant's own, who follows which, and what a person allowed.

-- A flow that ships is no row: it is a template to copy. version 0 is a draft
-- that was never published.
create table flow (
  tenant_id   uuid not null references tenant,
  id          text not null,
  version     int not null default 0,
  draft       jsonb,
  draft_by    text not null default '',
  draft_at    timestamptz,
  created_at  timestamptz not null,
  archived_at timestamptz,
  primary key (tenant_id, id)
);

-- A version never changes: a message was sent by it.
create table flow_version (
  tenant_id    uuid not null,
  flow         text not null,
  version      int not null,
  body         jsonb not null,
  note         text not null default '',
  published_by text not null,
  published_at timestamptz not null,
  primary key (tenant_id, flow, version),
  foreign key (tenant_id, flow) references flow
);

-- Which flow is followed, below the two of the administration: the most specific
-- choice wins. The subject is the name of a segment, or the id of a debtor or an
-- invoice.
create table flow_choice (
  tenant_id uuid not null references tenant,
  scope     text not null check (scope in ('segment', 'debtor', 'invoice')),
  subject   text not null,
  flow      text not null,
  chosen_by text not null,
  chosen_at timestamptz not null,
  primary key (tenant_id, scope, subject)
);

-- A group of debtors: by a rule, and by hand in debtor_segment. Of two segments
-- with a flow the one with the lower rank decides.
create table segment (
  tenant_id  uuid not null references tenant,
  name       text not null,
  title      text not null,
  rule       jsonb, -- a condition of package policy; none for by hand only
  rank       int not null default 100,
  created_at timestamptz not null,
  primary key (tenant_id, name)
);
create table debtor_segment (
  tenant_id uuid not null,
  debtor_id uuid not null,
  segment   text not null,
  added_by  text not null,
  added_at  timestamptz not null,
  primary key (tenant_id, debtor_id, segment),
  foreign key (tenant_id, segment) references segment on delete cascade
);
create table debtor_risk (
  tenant_id uuid not null,
  debtor_id uuid not null,
  risk      text not null check (risk in ('low', 'medium', 'high')),
  set_by    text not null,
  set_at    timestamptz not null,
  primary key (tenant_id, debtor_id)
);

-- A step of an invoice that a person allowed, in one cycle.
create table step_approval (
  tenant_id   uuid not null,
  invoice_id  uuid not null,
  cycle       int not null,
  step        text not null,
  approved_by text not null,
  approved_at timestamptz not null,
  primary key (tenant_id, invoice_id, cycle, step)
);

alter table administration
  -- policy.SendingForm: days and hours in which anything leaves.
  add sending jsonb not null default '{}',
  -- For how many days after go-live a person approves the start of each case.
  add approve_cases_days int not null default 30 check (approve_cases_days between 0 and 3650);

-- Flows run in thought over the books.
create table rehearsal (
  id        uuid primary key,
  tenant_id uuid not null references tenant,
  asked_by  text not null,
  asked_at  timestamptz not null,
  state     text not null check (state in ('running', 'done', 'failed')),
  done      int not null default 0,
  total     int not null default 0,
  request   jsonb not null,
  result    jsonb,
  problem   text not null default ''
);
create index rehearsal_recent on rehearsal (tenant_id, asked_at desc);
create index collection_flow on collection (tenant_id, flow) where phase <> 'closed';
create index collection_approval on collection (tenant_id) where held_rule = 'approval';

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['flow', 'flow_version', 'flow_choice', 'segment', 'debtor_segment', 'debtor_risk', 'step_approval', 'rehearsal']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke update, delete on flow_version from voldaan_app;
revoke update on step_approval from voldaan_app;
