-- name: DoorAccounts :many
select account::text, connection_id::uuid, tenant_id::uuid, reads::boolean from door_accounts(sqlc.arg(connector)::text, sqlc.arg(accounts)::text[]);

-- name: KnowAccounts :exec
-- The accounts of a connection are these and no others.
with gone as (
  delete from connection_account o where o.connection_id = sqlc.arg(connection) and o.account <> all (sqlc.arg(accounts)::text[])
)
insert into connection_account (connection_id, account, tenant_id, connector)
select sqlc.arg(connection), unnest(sqlc.arg(accounts)::text[]), sqlc.arg(tenant_id), sqlc.arg(connector)
on conflict do nothing;

-- name: KnowsAccounts :one
select exists (select 1 from connection_account where connection_id = $1);

-- name: ForgetAccounts :exec
delete from connection_account where connection_id = $1;

-- name: CountCalls :exec
insert into connector_calls as c (connector, calls, refused, events, unknown, unknown_at)
values (sqlc.arg(connector), sqlc.arg(calls), sqlc.arg(refused), sqlc.arg(events), sqlc.arg(unknown)::bigint, case when sqlc.arg(unknown)::bigint > 0 then now() end)
on conflict (connector) do update set calls = c.calls + excluded.calls, refused = c.refused + excluded.refused, events = c.events + excluded.events,
  unknown = c.unknown + excluded.unknown, unknown_at = coalesce(excluded.unknown_at, c.unknown_at);

-- name: ConnectorCalls :many
select * from connector_calls order by connector;
