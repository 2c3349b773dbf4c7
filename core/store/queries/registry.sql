-- The registry of connectors.

-- name: AddPublisher :execrows
insert into publisher (id, title, created_at) values ($1, $2, $3) on conflict do nothing;

-- name: Publisher :one
select * from publisher where id = $1;

-- name: Publishers :many
select * from publisher order by id;

-- name: VerifyPublisher :execrows
update publisher set verified_at = $2, verified_how = $3 where id = $1;

-- name: AddPublisherKey :exec
insert into publisher_key (id, publisher_id, public_key, registered_at, expires_at) values ($1, $2, $3, $4, $5);

-- name: PublisherKeys :many
select * from publisher_key where publisher_id = $1 order by registered_at, id;

-- name: AllPublisherKeys :many
select * from publisher_key order by publisher_id, registered_at, id;

-- name: RevokePublisherKey :execrows
update publisher_key set revoked_at = $3, revoked_why = $4 where publisher_id = $1 and id = $2 and revoked_at is null;

-- name: ReserveConnector :execrows
insert into connector_package (name, publisher_id, reserved_at) values ($1, $2, $3) on conflict do nothing;

-- name: LockConnector :exec
-- Versions of a connector are published one by one.
select pg_advisory_xact_lock(hashtextextended('connector ' || sqlc.arg(name)::text, 0));

-- name: ConnectorOwner :one
select publisher_id from connector_package where name = $1;

-- name: ConnectorPackages :many
select p.*, b.title as publisher_title, b.verified_at from connector_package p join publisher b on b.id = p.publisher_id order by p.name;

-- name: AddConnectorVersion :exec
insert into connector_version (name, version, digest, content_hash, size, key_id, signed_at, published_at, manifest, readme, changelog, changes, report, percent, stage_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: ConnectorVersions :many
select v.*, p.publisher_id, b.title as publisher_title, b.verified_at, k.revoked_at as key_revoked_at
from connector_version v
join connector_package p on p.name = v.name join publisher b on b.id = p.publisher_id join publisher_key k on k.id = v.key_id
where sqlc.narg(connector)::text is null or v.name = sqlc.narg(connector)::text
order by v.name, v.published_at, v.version;

-- name: ConnectorCandidates :many
-- What decides which version a tenant gets, at every call to a connector.
select v.version, v.percent, v.halted_at, v.yanked_at, v.yanked_why, k.revoked_at
from connector_version v join publisher_key k on k.id = v.key_id where v.name = $1;

-- name: AttestConnectorVersion :execrows
update connector_version set attested = $3 where name = $1 and version = $2;

-- name: StageConnectorVersion :execrows
update connector_version set percent = $3, stage_at = $4, halted_at = null, halted_why = '' where name = $1 and version = $2 and yanked_at is null;

-- name: HaltConnectorVersion :execrows
update connector_version set halted_at = $3, halted_why = $4 where name = $1 and version = $2 and halted_at is null;

-- name: YankConnectorVersion :execrows
update connector_version set yanked_at = $3, yanked_why = $4 where name = $1 and version = $2 and yanked_at is null;

-- name: TallyConnector :exec
insert into connector_tally (name, version, hour, calls, failures) values ($1, $2, $3, $4, $5)
on conflict (name, version, hour) do update set calls = connector_tally.calls + excluded.calls, failures = connector_tally.failures + excluded.failures;

-- name: ConnectorTallies :many
select name, version, sum(calls)::bigint as calls, sum(failures)::bigint as failures from connector_tally
where hour >= sqlc.arg(since) group by name, version;

-- name: PinConnector :exec
insert into connector_pin (tenant_id, connector, version, why, pinned_by, pinned_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, connector) do update set version = excluded.version, why = excluded.why, pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at;

-- name: UnpinConnector :execrows
delete from connector_pin where connector = $1;

-- name: ConnectorPin :one
select * from connector_pin where connector = $1;

-- name: UseConnector :exec
insert into connector_install (tenant_id, connector, version, installed_at, changed_at) values ($1, $2, $3, $4, $4)
on conflict (tenant_id, connector) do update set version = excluded.version, changed_at = excluded.changed_at
where connector_install.version <> excluded.version;

-- name: ConnectorInstall :one
select * from connector_install where connector = $1;

-- name: DropConnectorInstall :execrows
delete from connector_install where connector = $1;

-- name: DoorConnectorInstalls :many
select connector::text, version::text, tenants::bigint from door_connector_installs();
