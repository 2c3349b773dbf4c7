-- +goose Up
-- Programs that use the API: their keys, and what they were answered, so that a
-- repeated request gets the same answer (R114). And which connectors tenants
-- wish for.

create table api_key (
  id         uuid primary key,
  tenant_id  uuid not null references tenant,
  name       text not null,
  -- The first characters, by which its owner recognises it.
  prefix     text not null,
  key_hash   bytea not null unique,
  scopes     text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index api_key_tenant on api_key (tenant_id);

create table api_answer (
  tenant_id    uuid not null references tenant,
  actor        text not null,
  key          text not null,
  request_hash bytea not null,
  -- 0 while the first request is under way.
  status       int not null default 0,
  media_type   text not null default '',
  body         bytea not null default '',
  created_at   timestamptz not null default now(),
  primary key (tenant_id, actor, key)
);
create index api_answer_age on api_answer (created_at);

create table connector_wish (
  tenant_id  uuid not null references tenant,
  connector  text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, connector)
);

-- The list of invoices in its usual order.
create index invoice_list on invoice (tenant_id, due, id) where status = 'open';

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['api_key', 'api_answer', 'connector_wish'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert, update, delete on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd

create policy door on api_key for select to voldaan_door using (true);
create policy door on connector_wish for select to voldaan_door using (true);
grant select on api_key, connector_wish to voldaan_door;

create function door_api_key(hash bytea) returns table (tenant_id uuid, key_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select k.tenant_id, k.id from api_key k where k.key_hash = hash and k.revoked_at is null $$;

-- How many tenants wish for each connector; not which.
create function door_wishes() returns table (connector text, tenants bigint)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select w.connector, count(*) from connector_wish w group by w.connector $$;

-- +goose StatementBegin
do $$
declare f regprocedure;
begin
  grant create on schema public to voldaan_door;
  foreach f in array array['door_api_key(bytea)'::regprocedure, 'door_wishes()'::regprocedure] loop
    execute format('alter function %s owner to voldaan_door', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to voldaan_app', f);
  end loop;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
