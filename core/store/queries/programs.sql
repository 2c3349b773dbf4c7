-- Programs that use the API.

-- name: DoorApiKey :one
select tenant_id::uuid, key_id::uuid from door_api_key(sqlc.arg(hash)::bytea);

-- name: ApiKey :one
select * from api_key where id = $1;

-- name: ApiKeys :many
select id, name, prefix, scopes, created_by, created_at, revoked_at, last_used_at from api_key order by created_at;

-- name: AddApiKey :exec
insert into api_key (id, tenant_id, name, prefix, key_hash, scopes, created_by) values ($1, $2, $3, $4, $5, $6, $7);

-- name: RevokeApiKey :execrows
update api_key set revoked_at = now() where id = $1 and revoked_at is null;

-- name: UseApiKey :exec
-- To the minute is near enough, and spares a write for each request.
update api_key set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute');

-- name: ClaimAnswer :execrows
-- Takes a key for a request that is about to be carried out. One that was
-- claimed long ago and never answered is taken over.
insert into api_answer (tenant_id, actor, key, request_hash) values ($1, $2, $3, $4)
on conflict (tenant_id, actor, key) do update set created_at = now(), request_hash = excluded.request_hash, status = 0
where api_answer.created_at < now() - interval '24 hours' or (api_answer.status = 0 and api_answer.created_at < now() - interval '5 minutes');

-- name: Answer :one
select * from api_answer where actor = $1 and key = $2;

-- name: KeepAnswer :exec
update api_answer set status = $3, media_type = $4, body = $5 where actor = $1 and key = $2;

-- name: DropAnswer :exec
delete from api_answer where actor = $1 and key = $2 and status = 0;

-- name: ForgetAnswers :exec
delete from api_answer where created_at < now() - interval '24 hours';

-- name: Wish :exec
insert into connector_wish (tenant_id, connector) values ($1, $2) on conflict do nothing;

-- name: DoorWishes :many
select connector::text, tenants::bigint from door_wishes();

-- name: SetFlows :exec
update administration set flow_business = $2, flow_consumer = $3 where id = $1;

-- name: RecentSyncRuns :many
select r.* from sync_run r where sqlc.narg(administration)::uuid is null or r.administration_id = sqlc.narg(administration)::uuid
order by r.started_at desc limit sqlc.arg(most);

-- name: DebtorSums :many
select i.currency, count(*)::bigint as invoices, sum(i.open_minor - coalesce(r.received, 0))::bigint as open
from invoice i left join lateral (
  select sum(a.amount_minor) as received from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal') r on true
where i.debtor_id = $1 and i.status = 'open' and i.gone_at is null and i.kind = 'invoice' group by i.currency order by i.currency;

-- name: PaymentList :many
select p.* from payment p
where (sqlc.narg(debtor)::uuid is null or p.debtor_id = sqlc.narg(debtor)::uuid)
  and (sqlc.narg(invoice)::uuid is null or exists (select 1 from allocation a where a.payment_id = p.id and a.invoice_id = sqlc.narg(invoice)::uuid and a.reversed_at is null))
  and (sqlc.narg(before_at)::timestamptz is null or (p.seen_at, p.id) < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_id)::uuid))
order by p.seen_at desc, p.id desc limit sqlc.arg(most);

-- name: AllocationsOf :many
select payment_id, invoice_id, amount_minor, method from allocation where payment_id = any(sqlc.arg(payments)::uuid[]) and reversed_at is null order by created_at, id;
