-- The marketplace: what is offered, and what a tenant has of it.

-- name: MarketVersions :many
-- All versions without their long texts, for the shelf. Of the reports only what
-- the badge needs.
select v.name, v.version, v.published_at, v.percent, v.halted_at, v.yanked_at, k.revoked_at as key_revoked_at,
  p.publisher_id, b.title as publisher_title, b.verified_at,
  coalesce(v.report - 'results' - 'areas', 'null')::jsonb as report, coalesce(v.attested - 'results' - 'areas', 'null')::jsonb as attested
from connector_version v
join connector_package p on p.name = v.name join publisher b on b.id = p.publisher_id join publisher_key k on k.id = v.key_id
order by v.name, v.published_at, v.version;

-- name: MarketTallies :many
-- Calls to the versions of a publisher, by day.
select t.name, t.version, date_trunc('day', t.hour, 'UTC')::timestamptz as day, sum(t.calls)::bigint as calls, sum(t.failures)::bigint as failures
from connector_tally t join connector_package p on p.name = t.name
where p.publisher_id = sqlc.arg(publisher) and t.hour >= sqlc.arg(since)
group by t.name, t.version, 3 order by t.name, t.version, 3;

-- name: ConnectorPins :many
select * from connector_pin order by connector;

-- name: ConnectorInstalls :many
select * from connector_install order by connector;

-- name: ConnectionsTo :many
select * from connection where connector = $1 and state <> 'removed' order by created_at;

-- name: MoveConnection :execrows
-- From one of some states to another; no row when it was in none of them.
update connection set state = sqlc.arg(state), state_reason = sqlc.arg(reason), updated_at = now()
where id = sqlc.arg(id) and state = any(sqlc.arg(before)::text[]);

-- name: ConnectionRuns :many
select sqlc.embed(r), a.name as administration from sync_run r join administration a on a.id = r.administration_id
where a.connection_id = sqlc.arg(connection)::uuid order by r.started_at desc limit sqlc.arg(most);

-- name: ConnectionFailures :one
-- How many of the runs since a moment failed, and of how many.
select count(*) filter (where r.state = 'failed')::bigint as failed, count(*)::bigint as runs
from sync_run r join administration a on a.id = r.administration_id
where a.connection_id = sqlc.arg(connection)::uuid and r.started_at >= sqlc.arg(since);

-- name: AuditOf :many
-- What was done to some things, the latest first.
select * from audit where subject = any(sqlc.arg(subjects)::text[])
  and (sqlc.narg(before)::bigint is null or id < sqlc.narg(before)::bigint)
order by id desc limit sqlc.arg(most);

-- name: PublisherOf :one
-- The publisher that a tenant is.
select * from publisher where organisation = sqlc.arg(tenant)::uuid;

-- name: SetPublisherTenant :execrows
update publisher set organisation = $2 where id = $1;
