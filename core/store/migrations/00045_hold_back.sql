-- +goose Up
-- A small share of friendly reminders leaves some days later, to measure what they
-- bring in. No row, or a share of nought, measures nothing.
create table step_trial (
  tenant_id uuid primary key references tenant,
  share     int not null check (share between 0 and 20), -- of a hundred
  days      int not null check (days between 1 and 7),
  set_by    text not null,
  set_at    timestamptz not null -- in the tenant's time
);

-- A reminder that was held back, at the moment at which it would have left.
create table hold_back (
  tenant_id  uuid not null references tenant,
  invoice_id uuid not null,
  cycle      int not null,
  step       text not null,
  debtor_id  uuid not null,
  at         timestamptz not null, -- in the tenant's time
  until      date not null,
  share      int not null,
  currency   char(3) not null,
  open_minor bigint not null, -- what it would have asked
  primary key (tenant_id, invoice_id, cycle, step)
);
create index hold_back_debtor on hold_back (tenant_id, debtor_id);
create index hold_back_step on hold_back (tenant_id, step, at);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['step_trial', 'hold_back'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
revoke update on hold_back from voldaan_app;
