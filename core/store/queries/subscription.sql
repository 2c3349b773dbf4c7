-- name: Subscription :one
select * from subscription where administration_id = $1;

-- name: SubscriptionsOf :many
select s.* from subscription s join administration a on a.id = s.administration_id where a.connection_id = $1 and s.external_id <> '';

-- name: BeginSubscription :execrows
-- Notes that we are about to ask a package to call a URL. Nothing is noted when
-- it does already, or was asked within the hour.
insert into subscription (administration_id, tenant_id, url) values ($1, $2, $3)
on conflict (administration_id) do update set url = excluded.url, tried_at = now(), problem = ''
where subscription.url <> excluded.url or (subscription.external_id = '' and subscription.tried_at < now() - interval '1 hour');

-- name: KeepSubscription :exec
update subscription set external_id = $2, sealed_secret = $3, problem = $4, failures = 0,
  expires_at = sqlc.narg(expires_at), renew_at = sqlc.narg(expires_at)::timestamptz - least((sqlc.narg(expires_at)::timestamptz - now()) / 3, interval '24 hours')
where administration_id = $1;

-- name: DropSubscription :exec
delete from subscription where administration_id = $1;
