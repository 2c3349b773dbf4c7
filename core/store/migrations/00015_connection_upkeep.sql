-- +goose Up
-- What connections need although nobody uses them: access that ends when it is
-- idle, and subscriptions that end by themselves.

alter table connection
  -- When the credentials were renewed last.
  add column credentials_at timestamptz not null default now(),
  -- Nobody keeps the access alive before then.
  add column keep_after timestamptz not null default to_timestamp(0),
  -- Why that failed; empty when it did not.
  add column access_problem text not null default '';

alter table subscription
  -- null for one that does not end.
  add column expires_at timestamptz,
  add column renew_at timestamptz,
  -- Renewals that failed in a row.
  add column failures int not null default 0;

create policy door on subscription for select to voldaan_door using (true);
grant select on subscription to voldaan_door;

-- Connections whose access is older than what its way to sign in bears unused.
-- Paused ones too: their access must be there when they are resumed.
create function door_idle_access(connectors text[], methods text[], ages interval[], most int) returns table (connection_id uuid, tenant_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select c.id, c.tenant_id from connection c
    join unnest(connectors, methods, ages) as d(connector, method, age) on c.connector = d.connector and c.auth = d.method
    where c.state <> 'removed' and c.sealed_credentials is not null and c.credentials_at < now() - d.age and c.keep_after <= now()
    order by c.credentials_at limit most
  $$;

-- Subscriptions that end soon, of connections that are read.
create function door_ending_subscriptions(most int) returns table (administration_id uuid, tenant_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select s.administration_id, s.tenant_id from subscription s
    join administration a on a.id = s.administration_id join connection c on c.id = a.connection_id
    where s.external_id <> '' and s.renew_at <= now() and c.state in ('connected', 'broken')
    order by s.renew_at limit most
  $$;

-- +goose StatementBegin
do $$
declare f text;
begin
  grant create on schema public to voldaan_door;
  foreach f in array array['door_idle_access(text[], text[], interval[], int)', 'door_ending_subscriptions(int)'] loop
    execute 'alter function ' || f || ' owner to voldaan_door';
    execute 'revoke all on function ' || f || ' from public';
    execute 'grant execute on function ' || f || ' to voldaan_app';
  end loop;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
