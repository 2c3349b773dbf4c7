-- +goose Up
-- The application runs as voldaan_app, which cannot bypass row-level security:
-- without app.tenant it sees no row of any tenant. The few look-ups that must
-- find the tenant first (a session, a portal link, due work) are functions owned
-- by voldaan_door, and each table opens to that role by a policy of its own.
-- +goose StatementBegin
do $$
declare r text;
begin
  foreach r in array array['voldaan_app', 'voldaan_door'] loop
    begin
      execute format('create role %I nologin nobypassrls', r);
    exception when duplicate_object or unique_violation then null;
    end;
    execute format('grant %I to current_user', r);
  end loop;
end $$;
-- +goose StatementEnd

grant usage on schema public to voldaan_app, voldaan_door;

create function current_tenant() returns uuid
  language sql stable parallel safe
  -- After the end of a transaction the setting is '' and not NULL.
  as $$ select nullif(current_setting('app.tenant', true), '')::uuid $$;

create table cell (
  id   text primary key,
  note text not null default ''
);
insert into cell (id, note) values ('main', 'the first Temporal and Postgres');

create table tenant (
  id          uuid primary key,
  slug        text not null unique check (slug ~ '^[a-z0-9-]{2,40}$'),
  name        text not null,
  cell_id     text not null default 'main' references cell,
  time_zone   text not null default 'Europe/Amsterdam',
  -- core/clock.Scale; '{}' is real time.
  clock       jsonb not null default '{}',
  demo        boolean not null default false,
  created_at  timestamptz not null default now()
);

create table member (
  id            uuid primary key,
  tenant_id     uuid not null references tenant,
  email         text not null check (email = lower(email)),
  name          text not null,
  role          text not null check (role in ('owner', 'collector', 'viewer')),
  password_hash text not null,
  created_at    timestamptz not null default now(),
  disabled_at   timestamptz,
  unique (email)
);

create table session (
  token_hash bytea primary key,
  tenant_id  uuid not null references tenant,
  member_id  uuid not null references member,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

-- Who did what; append-only.
create table audit (
  id        bigint generated always as identity primary key,
  tenant_id uuid not null references tenant,
  at        timestamptz not null,
  actor     text not null,
  action    text not null,
  subject   text not null,
  detail    jsonb not null default '{}'
);
create index audit_subject on audit (tenant_id, subject, id);
