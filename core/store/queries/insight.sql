-- name: InsightInvoices :many
-- Everything that was ever invoiced or credited, as the books have it now.
select i.id, i.administration_id, i.debtor_id, i.kind, i.status, i.issued, i.due, i.currency, i.total_minor, i.open_minor, i.changed_at, i.gone_at, c.closed_on
from invoice i left join collection c on c.invoice_id = i.id
where i.status <> 'draft' and (sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid);

-- name: InsightChanges :many
select x.invoice_id, x.at, x.status, x.due, x.total_minor, x.open_minor, x.gone
from invoice_change x join invoice i on i.id = x.invoice_id
where sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid
order by x.invoice_id, x.id;

-- name: InsightAllocations :many
-- What settled principal, also what was taken back. A payment that is not booked
-- any more was undone; one that is, was only put elsewhere.
select a.invoice_id, a.amount_minor, a.created_at, a.reversed_at, (a.reflected_at is not null)::boolean as reflected, (a.method = 'statute')::boolean as statute,
  (p.state <> 'booked' or p.charged_back_minor > 0)::boolean as undone, p.value_date, p.seen_at
from allocation a join payment p on p.id = a.payment_id
where a.kind = 'principal' and p.state in ('booked', 'reversed', 'failed') and (p.state = 'booked' or a.reversed_at is not null)
  and (sqlc.narg(administration)::uuid is null or p.administration_id = sqlc.narg(administration)::uuid)
order by a.created_at, a.id;

-- name: InsightCredit :many
-- Money that settles nothing yet.
select p.id, p.debtor_id, p.currency, (p.amount_minor - coalesce(used.amount, 0))::bigint as left_minor, p.value_date, p.seen_at
from payment p left join lateral (
  select sum(a.amount_minor) as amount from allocation a where a.payment_id = p.id and a.reversed_at is null) used on true
where p.state = 'booked' and p.source <> 'books' and p.debtor_id is not null and p.amount_minor > coalesce(used.amount, 0)
  and (sqlc.narg(administration)::uuid is null or p.administration_id = sqlc.narg(administration)::uuid);

-- name: InsightDisputes :many
select d.invoice_id, d.currency, d.amount_minor, d.state, d.opened_at, d.resolved_at from dispute d join invoice i on i.id = d.invoice_id
where sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid order by d.opened_at;

-- name: InsightPromises :many
select invoice_id, currency, amount_minor, received_minor, pay_on, state, created_at, ended_at from promise
where sqlc.narg(administration)::uuid is null or administration_id = sqlc.narg(administration)::uuid order by created_at;

-- name: InsightPlans :many
select p.id, p.state, p.currency, p.accepted_at, p.ended_at, pi.invoice_id, pi.principal_minor from payment_plan p join payment_plan_invoice pi on pi.plan_id = p.id
where p.accepted_at is not null and (sqlc.narg(administration)::uuid is null or p.administration_id = sqlc.narg(administration)::uuid) order by p.accepted_at, p.id;

-- name: InsightInstalments :many
select s.plan_id, s.due, s.principal_minor from payment_plan_instalment s join payment_plan p on p.id = s.plan_id
where p.accepted_at is not null and (sqlc.narg(administration)::uuid is null or p.administration_id = sqlc.narg(administration)::uuid) order by s.plan_id, s.seq;

-- name: InsightDebits :many
select d.state, m.scheme, d.currency, d.collect_on, d.submitted_at, d.settled_on, d.ended_at, d.back_minor, d.amount_minor as whole_minor, di.invoice_id, di.amount_minor
from debit d join debit_invoice di on di.debit_id = d.id join mandate m on m.id = d.mandate_id
where d.submitted_at is not null and (sqlc.narg(administration)::uuid is null or d.administration_id = sqlc.narg(administration)::uuid) order by d.submitted_at, d.id;

-- name: InsightMessages :many
select m.id, m.debtor_id, m.step, m.cycle, m.invoice_set, m.channel, m.state, m.asks, m.delivery, m.created_at, coalesce(m.handed_over_at, m.sent_at) as sent_at from message m
where m.channel <> 'task' and (sqlc.narg(administration)::uuid is null or m.administration_id = sqlc.narg(administration)::uuid)
order by m.created_at, m.id;

-- name: InsightDemands :many
select mi.message_id, mi.invoice_id, mi.currency, mi.open_minor from message_invoice mi join message m on m.id = mi.message_id
where mi.role = 'demanded' and m.state = 'sent' and m.channel <> 'task' and (sqlc.narg(administration)::uuid is null or m.administration_id = sqlc.narg(administration)::uuid);

-- name: InsightAges :many
-- How old the books were at each message that left, as the gate wrote it down.
select d.at, (d.facts ->> 'confirmed')::timestamptz as confirmed from decision d join invoice i on i.id = d.invoice_id
where d.outcome = 'sent' and d.facts ? 'confirmed' and d.facts ->> 'confirmed' <> '' and d.at > sqlc.arg(since)::timestamptz and d.at <= sqlc.arg(until)::timestamptz
  and (sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid);

-- name: InsightWaiting :many
select c.at from correspondence c join debtor d on d.id = c.debtor_id
where c.direction = 'in' and c.handled_at is null and (sqlc.narg(administration)::uuid is null or d.administration_id = sqlc.narg(administration)::uuid);

-- name: InsightCosts :many
-- Collection costs that were charged, waived and paid, in what was booked by a day.
select e.currency, e.kind, sum(e.amount_minor)::bigint as amount from claim_entry e join collection_case c on c.id = e.case_id
where e.kind in ('costs', 'costs_vat', 'fee', 'waiver') and e.at <= sqlc.arg(until)::timestamptz and (sqlc.narg(administration)::uuid is null or c.administration_id = sqlc.narg(administration)::uuid)
group by e.currency, e.kind
union all
-- What a case took over of the fees for reminders is in its entries.
select f.currency, case when f.kind in ('waived', 'restored') then 'waiver' else 'fee' end, sum(f.amount_minor)::bigint from fee_entry f
where f.at <= sqlc.arg(until)::timestamptz and (sqlc.narg(administration)::uuid is null or f.administration_id = sqlc.narg(administration)::uuid)
group by 1, 2
union all
select p.currency, 'paid', sum(a.amount_minor)::bigint from allocation a join payment p on p.id = a.payment_id
where a.kind = 'costs' and a.reversed_at is null and p.state = 'booked' and a.created_at <= sqlc.arg(until)::timestamptz
  and (sqlc.narg(administration)::uuid is null or p.administration_id = sqlc.narg(administration)::uuid)
group by p.currency;

-- name: InsightHeldBack :many
-- Reminders that were held back to measure them.
select h.invoice_id, h.debtor_id, h.step, h.at, h.until, h.currency, h.open_minor from hold_back h join invoice i on i.id = h.invoice_id
where sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid
order by h.at, h.invoice_id;

-- name: StoppedReminders :one
-- Reminders that a payment stopped at the gate.
select count(*) from decision d where d.outcome = 'closed' and d.rule in ('R1', 'R2') and d.step not in ('', 'invoice') and d.at > sqlc.arg(since)::timestamptz and d.at <= sqlc.arg(until)::timestamptz;
