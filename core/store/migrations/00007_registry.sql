-- +goose Up
-- The registry of connectors: who publishes what, which versions there are and
-- how far each has come. It belongs to the installation; of a tenant are only
-- the versions that it holds on to and uses.

create table publisher (
  id          text primary key check (id ~ '^[a-z][a-z0-9-]{1,62}$'),
  title       text not null,
  created_at  timestamptz not null,
  -- Somebody made sure who they are; verified_how says in what way.
  verified_at timestamptz,
  verified_how text not null default ''
);

create table publisher_key (
  id            text primary key check (id ~ '^[0-9a-f]{32}$'),
  publisher_id  text not null references publisher,
  public_key    bytea not null check (length(public_key) = 32),
  registered_at timestamptz not null,
  expires_at    timestamptz,
  revoked_at    timestamptz,
  revoked_why   text not null default ''
);
create index publisher_key_publisher on publisher_key (publisher_id);

-- A name belongs to one publisher, and with it all that reads alike.
create table connector_package (
  name         text primary key check (name ~ '^[a-z][a-z0-9-]{1,62}$'),
  alike        text not null unique generated always as (translate(name, '01-', 'ol')) stored,
  publisher_id text not null references publisher,
  reserved_at  timestamptz not null
);

create table connector_version (
  name         text not null references connector_package,
  version      text not null,
  digest       bytea not null check (length(digest) = 32),  -- of the index
  content_hash bytea not null check (length(content_hash) = 32), -- of the file
  size         bigint not null,
  key_id       text not null references publisher_key,
  signed_at    timestamptz not null,
  published_at timestamptz not null,
  manifest     text not null,
  readme       text not null,
  changelog    text not null,
  changes      jsonb not null, -- since the version before
  -- Reports of the conformance kit: the publisher's, from the package, and our own.
  report       jsonb,
  attested     jsonb,
  -- How many of a hundred tenants get it, and since when.
  percent      int not null check (percent between 0 and 100),
  stage_at     timestamptz not null,
  halted_at    timestamptz,
  halted_why   text not null default '',
  yanked_at    timestamptz,
  yanked_why   text not null default '',
  primary key (name, version)
);
create index connector_version_content on connector_version (content_hash);

-- Calls per hour, of all tenants together.
create table connector_tally (
  name     text not null,
  version  text not null,
  hour     timestamptz not null,
  calls    bigint not null,
  failures bigint not null,
  primary key (name, version, hour),
  foreign key (name, version) references connector_version
);

create table connector_pin (
  tenant_id uuid not null references tenant,
  connector text not null,
  version   text not null,
  why       text not null,
  pinned_by text not null,
  pinned_at timestamptz not null,
  primary key (tenant_id, connector)
);

create table connector_install (
  tenant_id    uuid not null references tenant,
  connector    text not null,
  version      text not null, -- in use
  installed_at timestamptz not null,
  changed_at   timestamptz not null,
  primary key (tenant_id, connector)
);

grant select, insert on publisher, publisher_key, connector_package, connector_version to voldaan_app;
grant select, insert, update on connector_tally to voldaan_app;
grant update (title, verified_at, verified_how) on publisher to voldaan_app;
grant update (expires_at, revoked_at, revoked_why) on publisher_key to voldaan_app;
-- What was published stays as it was.
grant update (attested, percent, stage_at, halted_at, halted_why, yanked_at, yanked_why) on connector_version to voldaan_app;

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['connector_pin', 'connector_install'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd

create policy door on connector_install for select to voldaan_door using (true);
grant select on connector_install to voldaan_door;

-- How many tenants use each version; not which.
create function door_connector_installs() returns table (connector text, version text, tenants bigint)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select i.connector, i.version, count(*) from connector_install i group by i.connector, i.version $$;

-- +goose StatementBegin
do $$
begin
  grant create on schema public to voldaan_door;
  alter function door_connector_installs() owner to voldaan_door;
  revoke all on function door_connector_installs() from public;
  grant execute on function door_connector_installs() to voldaan_app;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
