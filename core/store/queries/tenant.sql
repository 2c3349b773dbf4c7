-- name: DoorSession :one
select tenant_id::uuid, member_id::uuid from door_session(sqlc.arg(hash)::bytea);

-- name: DoorMember :one
select tenant_id::uuid, member_id::uuid, password_hash::text from door_member(sqlc.arg(address)::text);

-- name: DoorPortal :one
select tenant_id::uuid, debtor_id::uuid, expires_at::timestamptz from door_portal(sqlc.arg(hash)::bytea);

-- name: DoorPortalSession :one
select tenant_id::uuid, debtor_id::uuid from door_portal_session(sqlc.arg(hash)::bytea);

-- name: DoorCheckout :one
select tenant_id::uuid, checkout_id::uuid from door_checkout(sqlc.arg(provider)::text, sqlc.arg(provider_id)::text);

-- name: DoorConnection :one
select door_connection(sqlc.arg(connection)::uuid)::uuid;

-- name: DoorMessage :one
select door_message(sqlc.arg(message)::uuid)::uuid;

-- name: DoorTenants :many
select id::uuid, slug::text from door_tenants();

-- name: DoorCreateTenant :exec
select door_create_tenant(sqlc.arg(id)::uuid, sqlc.arg(slug)::text, sqlc.arg(name)::text, sqlc.arg(time_zone)::text, sqlc.arg(clock)::jsonb, sqlc.arg(demo)::boolean);

-- name: DoorClaimOutbox :many
select id::bigint, tenant_id::uuid, kind::text, subject_id::uuid, payload::jsonb, attempts::int
from door_claim_outbox(sqlc.arg(kinds)::text[], sqlc.arg(most)::int, sqlc.arg(lease)::interval);

-- name: DoorFinishOutbox :exec
select door_finish_outbox(sqlc.arg(done)::bigint[]);

-- name: DoorRetryOutbox :exec
select door_retry_outbox(sqlc.arg(failed)::bigint, sqlc.arg(again)::interval, sqlc.arg(why)::text);

-- name: Tenant :one
select * from tenant where id = current_tenant();

-- name: SetTenantClock :exec
update tenant set clock = $1 where id = current_tenant();

-- name: AddMember :exec
insert into member (id, tenant_id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6) on conflict (email) do nothing;

-- name: NewMember :execrows
insert into member (id, tenant_id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6) on conflict (email) do nothing;

-- name: Members :many
select id, email, name, role, created_at, disabled_at from member order by disabled_at is not null, lower(name), id;

-- name: LockMembers :many
select id, role, disabled_at from member order by id for update;

-- name: SetMember :exec
update member set role = $2, disabled_at = $3 where id = $1;

-- name: EndSessionsOf :exec
delete from session where member_id = $1;

-- name: Member :one
select * from member where id = $1;

-- name: AddSession :exec
insert into session (token_hash, tenant_id, member_id, expires_at) values ($1, $2, $3, $4);

-- name: EndSession :exec
delete from session where token_hash = $1;

-- name: AddAudit :exec
insert into audit (tenant_id, at, actor, action, subject, detail) values ($1, $2, $3, $4, $5, $6);

-- name: AddOutbox :exec
insert into outbox (tenant_id, kind, subject_id, payload) values ($1, $2, $3, $4);
