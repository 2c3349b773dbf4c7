-- name: WebhookHealth :many
-- How each address that events go to fares: what waits, what went well since a
-- moment, and what the latest attempt came to.
select w.id,
  (select count(*) from webhook_delivery p where p.endpoint_id = w.id and p.state = 'pending')::bigint as waiting,
  (select count(*) from webhook_delivery o where o.endpoint_id = w.id and o.state = 'delivered' and o.ended_at >= sqlc.arg(since)::timestamptz)::bigint as delivered,
  coalesce(a.status, 0)::int as status, coalesce(a.problem, '')::text as problem,
  coalesce(a.at, w.created_at)::timestamptz as tried_at, coalesce(a.next_at, w.created_at)::timestamptz as next_at
from webhook_endpoint w
left join lateral (
  select t.status, t.problem, t.at, d.next_at from webhook_attempt t
  join webhook_delivery d on d.id = t.delivery_id
  where t.delivery_id in (select x.id from webhook_delivery x where x.tenant_id = w.tenant_id and x.endpoint_id = w.id and x.attempts > 0 order by x.id desc limit 50)
  order by t.id desc limit 1
) a on true
where w.state <> 'removed';
