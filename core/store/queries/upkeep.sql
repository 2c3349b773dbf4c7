-- name: DoorIdleAccess :many
select connection_id::uuid, tenant_id::uuid
from door_idle_access(sqlc.arg(connectors)::text[], sqlc.arg(methods)::text[], sqlc.arg(ages)::interval[], sqlc.arg(most)::int);

-- name: ClaimKeeping :execrows
-- One host keeps an access alive at a time; when it dies, another tries later.
update connection set keep_after = now() + sqlc.arg(lasting)::interval where id = sqlc.arg(id) and keep_after <= now();

-- name: NoteKeeping :exec
update connection set access_problem = sqlc.arg(problem), keep_after = now() + sqlc.arg(wait)::interval where id = sqlc.arg(id);

-- name: DoorEndingSubscriptions :many
select administration_id::uuid, tenant_id::uuid from door_ending_subscriptions(sqlc.arg(most)::int);

-- name: ClaimSubscription :one
-- A subscription that is to be renewed, for one host at a time.
update subscription set renew_at = now() + sqlc.arg(lasting)::interval
where administration_id = sqlc.arg(administration_id) and external_id <> '' and renew_at <= now()
returning *;

-- name: RenewSubscription :exec
-- A package that gives no new secret goes on with the old one.
update subscription set external_id = sqlc.arg(external_id), url = sqlc.arg(url),
  sealed_secret = coalesce(sqlc.narg(sealed_secret), sealed_secret), problem = '', failures = 0,
  expires_at = sqlc.narg(expires_at), renew_at = sqlc.narg(expires_at)::timestamptz - least((sqlc.narg(expires_at)::timestamptz - now()) / 3, interval '24 hours')
where administration_id = sqlc.arg(administration_id);

-- name: FailSubscription :exec
-- Tried again after five minutes, then after twice as long each time, up to three hours.
update subscription set problem = sqlc.arg(problem), failures = failures + 1,
  renew_at = now() + least(interval '5 minutes' * power(2, least(failures, 10)), interval '3 hours')
where administration_id = sqlc.arg(administration_id);

-- name: SubscriptionTroubles :many
-- What keeps packages from calling us for a connection.
select s.problem, s.expires_at, a.name as books from subscription s join administration a on a.id = s.administration_id
where a.connection_id = $1 and s.problem <> '' order by a.name;
