-- name: DoorEventsWaiting :many
select tenant_id::uuid from door_events_waiting(sqlc.arg(most)::int);

-- name: DoorClaimDeliveries :many
select id::bigint, tenant_id::uuid from door_claim_deliveries(sqlc.arg(moment)::timestamptz, sqlc.arg(most)::int, sqlc.arg(lease)::interval);

-- name: LockEventCounter :one
-- Numbers are given by one at a time.
insert into event_counter (tenant_id) values ($1) on conflict (tenant_id) do update set last = event_counter.last returning last;

-- name: NumberEvents :one
with waiting as (select id, row_number() over (order by id) as n from event where seq is null order by id limit sqlc.arg(most)::int),
  numbered as (update event e set seq = sqlc.arg(last)::bigint + w.n from waiting w where e.id = w.id returning e.id)
select count(*)::bigint from numbered;

-- name: SetEventCounter :exec
update event_counter set last = $1;

-- name: FanOutEvents :exec
-- To who asked for them; a test goes to the one that it tests.
insert into webhook_delivery (tenant_id, endpoint_id, event_id, subject_id, next_at, created_at)
select e.tenant_id, w.id, e.id, e.subject_id, sqlc.arg(moment)::timestamptz, sqlc.arg(moment)::timestamptz
from event e join webhook_endpoint w on w.state = 'active'
where e.seq > sqlc.arg(after)::bigint and e.seq <= sqlc.arg(until)::bigint
  and case when e.type = 'webhook.test' then w.id = e.subject_id
    else cardinality(w.types) = 0 or e.type = any (w.types) or split_part(e.type, '.', 1) || '.*' = any (w.types) end
order by e.seq, w.id;

-- name: EmitEvent :exec
select emit_event(sqlc.arg(tenant)::uuid, sqlc.arg(type)::text, sqlc.arg(subject_kind)::text, sqlc.arg(subject_id)::uuid, null, null, null, null, sqlc.arg(at)::timestamptz, '{}'::jsonb);

-- name: EventsPage :many
select * from event
where seq > sqlc.arg(after)::bigint and (sqlc.arg(type)::text = '' or type = sqlc.arg(type)::text or split_part(type, '.', 1) || '.*' = sqlc.arg(type)::text)
  and (sqlc.narg(debtor)::uuid is null or debtor_id = sqlc.narg(debtor)::uuid)
order by seq limit sqlc.arg(most)::int;

-- name: EventByKey :one
select * from event where key = $1 and seq is not null;

-- name: AddWebhook :exec
insert into webhook_endpoint (id, tenant_id, url, name, types, state, sealed_secret, created_by, created_at) values ($1, $2, $3, $4, $5, 'active', $6, $7, $8);

-- name: Webhooks :many
select * from webhook_endpoint where state <> 'removed' order by created_at, id;

-- name: Webhook :one
select * from webhook_endpoint where id = $1 and state <> 'removed';

-- name: LockWebhook :one
select * from webhook_endpoint where id = $1 and state <> 'removed' for update;

-- name: SetWebhook :exec
update webhook_endpoint set url = $2, name = $3, types = $4, state = $5, why = $6, sealed_secret = $7, sealed_previous = $8, previous_until = $9,
  failing_since = $10, disabled_at = $11 where id = $1;

-- name: DropDeliveries :exec
-- What an endpoint that was removed does not get any more.
update webhook_delivery set state = 'given_up', ended_at = $2 where endpoint_id = $1 and state = 'pending';

-- name: Delivery :one
select sqlc.embed(d), sqlc.embed(e), sqlc.embed(w) from webhook_delivery d join event e on e.id = d.event_id join webhook_endpoint w on w.id = d.endpoint_id
where d.id = $1;

-- name: EndDelivery :exec
update webhook_delivery set state = $2, ended_at = $3 where id = $1 and state = 'pending';

-- name: RetryDelivery :exec
update webhook_delivery set next_at = $2 where id = $1 and state = 'pending';

-- name: AddAttempt :exec
insert into webhook_attempt (tenant_id, delivery_id, at, status, problem, took_ms) values ($1, $2, $3, $4, $5, $6);

-- name: ReplayEvents :execrows
insert into webhook_delivery (tenant_id, endpoint_id, event_id, subject_id, next_at, created_at, replay)
select e.tenant_id, w.id, e.id, e.subject_id, sqlc.arg(moment)::timestamptz, sqlc.arg(moment)::timestamptz, true
from event e join webhook_endpoint w on w.id = sqlc.arg(endpoint)::uuid
where e.seq is not null and e.recorded_at >= sqlc.arg(since)::timestamptz and e.type <> 'webhook.test'
  and (cardinality(w.types) = 0 or e.type = any (w.types) or split_part(e.type, '.', 1) || '.*' = any (w.types))
  and not exists (select 1 from webhook_delivery o where o.endpoint_id = w.id and o.event_id = e.id and o.state = 'pending')
order by e.seq;

-- name: ReplayEvent :execrows
insert into webhook_delivery (tenant_id, endpoint_id, event_id, subject_id, next_at, created_at, replay)
select e.tenant_id, sqlc.arg(endpoint)::uuid, e.id, e.subject_id, sqlc.arg(moment)::timestamptz, sqlc.arg(moment)::timestamptz, true
from event e where e.key = sqlc.arg(key) and e.seq is not null;

-- name: DeliveriesPage :many
select d.id, d.state, d.attempts, d.next_at, d.created_at, d.ended_at, d.replay, e.key, e.type, e.seq, coalesce(a.status, 0)::int as status, coalesce(a.problem, '')::text as problem, coalesce(a.at, d.created_at)::timestamptz as tried_at
from webhook_delivery d join event e on e.id = d.event_id
left join lateral (select * from webhook_attempt t where t.delivery_id = d.id order by t.id desc limit 1) a on true
where d.endpoint_id = sqlc.arg(endpoint) and (sqlc.arg(before)::bigint = 0 or d.id < sqlc.arg(before)::bigint)
order by d.id desc limit sqlc.arg(most)::int;

-- name: Attempts :many
select * from webhook_attempt where delivery_id = $1 order by id;

-- name: ForgetDeliveries :exec
-- The log is kept for a month; the events stay.
delete from webhook_delivery where state <> 'pending' and ended_at < $1;
