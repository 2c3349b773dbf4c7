-- name: FeeAccounts :many
-- What reminders cost, by invoice, with what was paid of it. A claim that the books
-- cancelled, wrote off or credited in full bears none.
select f.invoice_id, i.number, i.debtor_id::uuid as debtor_id, i.administration_id, f.currency, f.charged::bigint as charged, f.waived::bigint as waived, f.taken::bigint as taken,
  f.first_at::timestamptz as first_at, f.last_on::date as last_on, coalesce(paid.amount, 0)::bigint as paid, (case when i.status = 'paid' then 0 else greatest(i.open_minor - coalesce(unreflected.amount, 0), 0) end)::bigint as principal_open,
  (i.gone_at is null and i.status in ('open', 'paid') and coalesce(credit.applied, 0) < i.total_minor)::boolean as counts
from (
  select e.invoice_id, e.currency, sum(e.amount_minor) filter (where e.kind = 'charged') as charged, -coalesce(sum(e.amount_minor) filter (where e.kind in ('waived', 'restored')), 0) as waived,
    -coalesce(sum(e.amount_minor) filter (where e.kind = 'taken_over'), 0) as taken, min(e.at) as first_at, max(e.on_day) filter (where e.kind = 'charged') as last_on
  from fee_entry e join invoice x on x.id = e.invoice_id
  where x.debtor_id = any(sqlc.arg(debtors)::uuid[]) group by e.invoice_id, e.currency) f
join invoice i on i.id = f.invoice_id
left join lateral (
  select sum(a.amount_minor) as amount from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.method = 'fee' and a.reversed_at is null and p.state = 'booked') paid on true
left join lateral (
  select sum(a.amount_minor) as amount from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.kind = 'principal' and a.reversed_at is null and a.reflected_at is null and p.state = 'booked') unreflected on true
left join lateral (
  select sum(abs(n.total_minor) - abs(n.open_minor)) as applied from invoice n
  where n.administration_id = i.administration_id and n.kind = 'credit_note' and n.credits <> '' and n.credits in (i.external_id, i.number)
    and n.status in ('open', 'paid') and n.gone_at is null) credit on true
order by f.first_at, i.number, i.id;

-- name: FeeEntries :many
select * from fee_entry where invoice_id = any(sqlc.arg(invoices)::uuid[]) order by id;

-- name: FeesCharged :many
-- What reminders cost and was not waived, whatever became of it since.
select invoice_id, sum(amount_minor)::bigint as amount from fee_entry
where invoice_id = any(sqlc.arg(invoices)::uuid[]) and kind <> 'taken_over' group by invoice_id;

-- name: AddFeeEntry :execrows
insert into fee_entry (tenant_id, administration_id, invoice_id, kind, amount_minor, currency, message_id, case_id, law, calculation, why, actor, on_day, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (tenant_id, message_id) where kind = 'charged' do nothing;

-- name: FeeOfMessage :one
select * from fee_entry where message_id = $1 and kind = 'charged';

-- name: FeeMoney :many
-- What payments of debtors hold besides invoices and the law's own allocations, the
-- money for fees included, and which invoices they settle.
select p.id, p.debtor_id::uuid as debtor_id, p.administration_id, p.currency, coalesce(p.value_date, p.seen_at::date)::date as on_day, p.seen_at,
  (p.amount_minor - coalesce(used.amount, 0))::bigint as free_minor, coalesce(used.invoices, '{}')::uuid[] as invoices
from payment p left join lateral (
  select sum(a.amount_minor) as amount, array_agg(a.invoice_id) filter (where a.kind = 'principal') as invoices
  from allocation a where a.payment_id = p.id and a.reversed_at is null and a.method <> 'fee') used on true
where p.debtor_id = any(sqlc.arg(debtors)::uuid[]) and p.state = 'booked' and p.source <> 'books' and p.amount_minor > coalesce(used.amount, 0)
order by on_day, p.seen_at, p.id;

-- name: FeeAllocations :many
select a.id, a.payment_id, a.invoice_id, a.amount_minor from allocation a join invoice i on i.id = a.invoice_id
where i.debtor_id = any(sqlc.arg(debtors)::uuid[]) and a.method = 'fee' and a.reversed_at is null;

-- name: ReverseFeeAllocation :exec
update allocation set reversed_at = $2 where id = $1 and method = 'fee';

-- name: FeeInvoicesOf :many
-- Invoices whose reminders cost something: what their debtors pay may be for that.
select distinct e.invoice_id from fee_entry e join invoice i on i.id = e.invoice_id where i.debtor_id = any(sqlc.arg(debtors)::uuid[]);

-- name: FeeDebtors :many
-- The debtors of an administration with a fee.
select distinct i.debtor_id::uuid as debtor_id from fee_entry e join invoice i on i.id = e.invoice_id
where e.administration_id = $1 and i.debtor_id is not null;

-- name: NoticesInYear :one
-- Statutory notices to a debtor from the first day of a year on.
select count(*) from notice where debtor_id = $1 and posted_on >= sqlc.arg(since)::date and void_at is null;

-- name: AskAboutFee :exec
-- Once: a person who looked at it is not asked again.
insert into task (id, tenant_id, administration_id, kind, subject_id, title, detail, created_at)
select $1, $2, $3, $4, $5, $6, $7, $8
where not exists (select 1 from task t where t.kind = $4 and t.subject_id = $5 and t.done_at is not null and t.done_by <> 'voldaan')
on conflict (tenant_id, kind, subject_id) where done_at is null do nothing;
