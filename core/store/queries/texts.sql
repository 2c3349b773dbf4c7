-- name: InvoicesToTry :many
-- Open invoices that a text can be tried on, the most overdue of each debtor.
select id, number, debtor_name from (
  select distinct on (i.debtor_id) i.id, i.number, i.due, d.name as debtor_name
  from invoice i join debtor d on d.id = i.debtor_id
  where i.administration_id = $1 and i.status = 'open' and i.kind = 'invoice' and i.gone_at is null and i.open_minor > 0
  order by i.debtor_id, i.due
  limit 2000) t order by t.due limit 25;

-- name: EndObjection :execrows
delete from objection where debtor_id = $1 and channel = $2;

-- name: ObjectionsOf :many
select * from objection where debtor_id = $1 order by channel;

-- name: StepTitles :many
-- What the steps of the tenant's own flows are called, by flow and by the newest
-- version that has them: also of those that were archived or changed since.
select distinct on (v.flow, s.value->>'id') v.flow, (s.value->>'id')::text as step, (s.value->>'title')::text as title
from flow_version v, jsonb_array_elements(v.body->'steps') s
where coalesce(s.value->>'title', '') <> ''
order by v.flow, s.value->>'id', v.version desc;
