-- name: LockPortalCodes :exec
-- One code at a time for a debtor, so that their number counts.
select pg_advisory_xact_lock(hashtextextended('portal_code/' || sqlc.arg(debtor)::uuid, 0));

-- name: RecentPortalCodes :one
select count(*) from portal_code where debtor_id = $1 and created_at > now() - interval '1 hour';

-- name: AddPortalCode :exec
insert into portal_code (id, tenant_id, debtor_id, code_hash, expires_at) values ($1, $2, $3, $4, $5);

-- name: TryPortalCode :one
-- Counts the try before it is judged.
update portal_code set tries = tries + 1 where id = (
  select p.id from portal_code p where p.debtor_id = $1 and p.used_at is null and p.expires_at > now() order by p.created_at desc limit 1)
returning *;

-- name: UsePortalCode :exec
update portal_code set used_at = now() where id = $1;

-- name: AddPortalSession :exec
insert into portal_session (token_hash, tenant_id, debtor_id, expires_at) values ($1, $2, $3, $4);
