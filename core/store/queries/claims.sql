-- name: CasesToSettle :many
-- The cases of debtors that money or the books may change: those that are not
-- closed, and those that a payment taken back opens again (R91).
select c.*, coalesce(nullif(c.law, ''), nullif(a.law_country, ''), a.country)::text as country, coalesce(c.terms_costs_clause, a.costs_clause)::boolean as costs_clause, coalesce(c.terms_agreed_rate, a.agreed_rate_business)::text as agreed_rate_business, coalesce(c.terms_agreed_rate, a.agreed_rate_consumer)::text as agreed_rate_consumer, a.time_zone, a.tolerance_minor, coalesce(d.kind, '')::text as debtor_kind
from collection_case c join administration a on a.id = c.administration_id left join debtor d on d.id = c.debtor_id
where (c.debtor_id = any(sqlc.arg(debtors)::uuid[])
    or exists (select 1 from case_invoice ci join invoice i on i.id = ci.invoice_id where ci.case_id = c.id and ci.left_at is null and i.debtor_id = any(sqlc.arg(debtors)::uuid[])))
  and (c.state <> 'closed' or c.closed_code in ('paid', 'withdrawn', 'waived'))
order by c.opened_at, c.id;

-- name: CaseToSettle :one
select c.*, coalesce(nullif(c.law, ''), nullif(a.law_country, ''), a.country)::text as country, coalesce(c.terms_costs_clause, a.costs_clause)::boolean as costs_clause, coalesce(c.terms_agreed_rate, a.agreed_rate_business)::text as agreed_rate_business, coalesce(c.terms_agreed_rate, a.agreed_rate_consumer)::text as agreed_rate_consumer, a.time_zone, a.tolerance_minor, coalesce(d.kind, '')::text as debtor_kind
from collection_case c join administration a on a.id = c.administration_id left join debtor d on d.id = c.debtor_id
where c.id = $1;

-- name: ClaimInvoices :many
-- The invoices of a case as the case and as the books have them, with what is
-- unreflected by the books and what credit notes took of them.
select ci.*, i.number, i.due, i.issued, i.status, i.currency, i.total_minor as books_total, i.open_minor as books_open, i.debtor_id as books_debtor, i.changed_at,
  i.gone_at, coalesce(k.phase, '')::text as phase, k.closed_on,
  coalesce(base.reflected, 0)::bigint as reflected_minor, coalesce(base.unreflected, 0)::bigint as unreflected_minor,
  coalesce(credit.applied, 0)::bigint as applied_minor
from case_invoice ci join invoice i on i.id = ci.invoice_id left join collection k on k.invoice_id = i.id
left join lateral (
  select sum(a.amount_minor) filter (where a.reflected_at is not null) as reflected, sum(a.amount_minor) filter (where a.reflected_at is null) as unreflected
  from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.kind = 'principal' and a.method <> 'statute' and a.reversed_at is null and p.state = 'booked') base on true
left join lateral (
  select sum(abs(n.total_minor) - abs(n.open_minor)) as applied from invoice n
  where n.administration_id = i.administration_id and n.kind = 'credit_note' and n.credits <> '' and n.credits in (i.external_id, i.number)
    and n.status in ('open', 'paid') and n.gone_at is null) credit on true
where ci.case_id = $1 order by i.due, i.number, i.id;

-- name: ClaimMoney :many
-- What settled the invoices of a case, and what the law moved of it.
select a.id, a.invoice_id, a.payment_id, a.kind, a.amount_minor, a.method, a.created_at, coalesce(p.value_date, (p.seen_at at time zone sqlc.arg(zone)::text)::date)::date as on_day,
  p.seen_at, p.source, p.reference
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.method <> 'fee' and a.reversed_at is null and p.state = 'booked'
order by on_day, p.seen_at, p.id, a.created_at, a.id;

-- name: ClaimSurplus :many
-- Money of a debtor that settles nothing, of payments that settle an invoice of
-- the case or none at all.
select p.id, coalesce(p.value_date, (p.seen_at at time zone sqlc.arg(zone)::text)::date)::date as on_day, p.seen_at, p.source, (p.amount_minor - coalesce(used.amount, 0))::bigint as free_minor
from payment p left join lateral (
  select sum(a.amount_minor) as amount, bool_or(a.invoice_id = any(sqlc.arg(invoices)::uuid[])) as ours, count(*) filter (where a.method <> 'statute') as parts
  from allocation a where a.payment_id = p.id and a.reversed_at is null) used on true
where p.debtor_id = sqlc.arg(debtor_id)::uuid and p.administration_id = sqlc.arg(administration_id)::uuid and p.currency = sqlc.arg(currency)
  and p.state = 'booked' and p.source <> 'books' and p.seen_at >= sqlc.arg(since)::timestamptz
  and (coalesce(used.ours, false) or coalesce(used.parts, 0) = 0) and p.amount_minor > coalesce(used.amount, 0)
order by on_day, p.seen_at, p.id;

-- name: CasePayments :many
select * from case_payment where case_id = $1;

-- name: AddCasePayment :exec
insert into case_payment (case_id, payment_id, tenant_id, ordering, why, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- name: ReverseStatute :exec
-- What the law moved of a payment is computed anew after the payment changed.
update allocation set reversed_at = $2 where payment_id = $1 and method = 'statute' and reversed_at is null;

-- name: NoticesOfCase :many
select n.*, ni.invoice_id, ni.principal_minor as invoice_principal from notice n join notice_invoice ni on ni.notice_id = n.id
join case_invoice ci on ci.invoice_id = ni.invoice_id
where ci.case_id = $1 and n.posted_on <= sqlc.arg(opened)::date and (n.void_at is null or n.void_at > sqlc.arg(opened_at)::timestamptz)
order by n.posted_on;

-- name: SettleCase :exec
update collection_case set principal_minor = $2, charges_minor = $3, settled_on = $4, costs_only_since = $5 where id = $1;

-- name: CloseCase :execrows
update collection_case set state = 'closed', closed_at = $2, closed_code = $3, closed_why = $4 where id = $1 and state <> 'closed';

-- name: ReopenCase :exec
update collection_case set state = $2, closed_at = null, closed_code = '', closed_why = '' where id = $1 and state = 'closed';

-- name: AddCaseEvent :exec
insert into case_event (tenant_id, case_id, at, kind, actor, text, detail) values ($1, $2, $3, $4, $5, $6, $7);

-- name: CaseEvents :many
select * from case_event where case_id = $1 order by id;

-- name: LastCaseEvent :one
select * from case_event where case_id = $1 and kind = $2 order by id desc limit 1;

-- name: CasePolicy :one
select * from case_policy where administration_id = $1;

-- name: PutCasePolicy :exec
insert into case_policy (administration_id, tenant_id, ordering, costs_left, waive_after_days, grace_days, forward, monitor_months, updated_at, updated_by, bailiff_id, after_failed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (administration_id) do update set ordering = excluded.ordering, costs_left = excluded.costs_left, waive_after_days = excluded.waive_after_days,
  grace_days = excluded.grace_days, forward = excluded.forward, monitor_months = excluded.monitor_months, updated_at = excluded.updated_at, updated_by = excluded.updated_by,
  bailiff_id = excluded.bailiff_id, after_failed = excluded.after_failed;

-- name: LockCase :one
select id from collection_case where id = $1 for update;

-- name: LeaveCase :execrows
update case_invoice set left_at = $3, left_why = $4 where case_id = $1 and invoice_id = $2 and left_at is null;

-- name: FollowTotal :execrows
-- The case follows the books on the total of an invoice, after a person agreed.
update case_invoice set total_minor = $3 where case_id = $1 and invoice_id = $2;

-- name: OpenCaseOf :one
select c.id, c.number, (select count(*) from case_invoice o where o.case_id = c.id and o.left_at is null)::bigint as invoices
from collection_case c join case_invoice ci on ci.case_id = c.id
where ci.invoice_id = $1 and ci.left_at is null and c.state <> 'closed' order by c.opened_at desc limit 1;

-- name: ChargesOfDebtor :many
-- Costs and interest of the open cases of a debtor, as last settled.
select id, number, currency, state, charges_minor, principal_minor from collection_case where debtor_id = $1 and state <> 'closed' order by opened_at, id;

-- name: NoteUntracked :exec
update case_invoice set untracked_on = $3 where case_id = $1 and invoice_id = $2;

-- name: HoldsFor :one
select count(*) from hold where scope_id = $1 and reason = $2 and released_at is null;

-- name: CaseItems :many
-- Open cases of an administration, for matching payments: their number names
-- their invoices, and their costs and interest are an item of their own.
select c.id, c.number, c.debtor_id, c.currency, c.charges_minor, (c.opened_at at time zone a.time_zone)::date as opened_on,
  coalesce(d.name, '')::text as debtor_name, coalesce(d.iban, '')::text as debtor_iban,
  array(select ci.invoice_id from case_invoice ci where ci.case_id = c.id and ci.left_at is null)::uuid[] as invoices
from collection_case c join administration a on a.id = c.administration_id left join debtor d on d.id = c.debtor_id
where c.administration_id = $1 and c.state <> 'closed' order by c.opened_at, c.id;

-- name: CaseInvoicesOf :many
-- The invoices of the open cases of debtors: what they pay may be for these.
select ci.invoice_id from case_invoice ci join collection_case c on c.id = ci.case_id
where c.debtor_id = any(sqlc.arg(debtors)::uuid[]) and c.state <> 'closed' and ci.left_at is null;

-- name: OpenCaseByNumber :many
select id, debtor_id, currency from collection_case where administration_id = $1 and number = $2 and state <> 'closed';

-- name: AddAcknowledgement :execrows
insert into acknowledgement (id, tenant_id, case_id, invoice_id, kind, on_day, source_id, why, actor, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing;

-- name: Acknowledgements :many
-- Those that stand.
select * from acknowledgement where case_id = $1 and ended_at is null order by on_day, at, id;

-- name: EndAcknowledgement :execrows
update acknowledgement set ended_at = $2, ended_why = $3 where id = $1 and ended_at is null;

-- name: PaymentsInPart :many
-- What the debtor paid on the invoices of a case and said to be for them, and that
-- stands: money that we put there by the account or the name acknowledges nothing,
-- and neither does what a bailiff got.
select distinct on (a.payment_id, a.invoice_id) a.payment_id, a.invoice_id, coalesce(p.value_date, (p.seen_at at time zone sqlc.arg(zone)::text)::date)::date as on_day, p.source
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and p.state = 'booked' and a.kind = 'principal'
  and a.method in ('designation', 'structured', 'text_reference', 'reference', 'number') and p.source in ('bank', 'mollie', 'manual')
order by a.payment_id, a.invoice_id, a.created_at;

-- name: AskedToPayLater :many
-- Plans that the debtor proposed and promises that the debtor gave in the portal,
-- for invoices of a case.
select p.id, pi.invoice_id, p.created_at, 'a payment plan'::text as what from payment_plan p join payment_plan_invoice pi on pi.plan_id = p.id
where pi.invoice_id = any(sqlc.arg(invoices)::uuid[]) and p.proposed_by = 'debtor'
union all
select r.id, r.invoice_id, r.created_at, 'a day to pay'::text from promise r where r.invoice_id = any(sqlc.arg(invoices)::uuid[]) and r.channel = 'portal'
order by created_at;

-- name: ClaimDisputes :many
-- What of the invoices of a case is in dispute, and since when.
select invoice_id, amount_minor, opened_at from dispute where invoice_id = any(sqlc.arg(invoices)::uuid[]) and state = 'open';

-- name: MessagesAbout :many
-- Which of the invoices each message is about.
select message_id, invoice_id from message_invoice where invoice_id = any(sqlc.arg(invoices)::uuid[]);

-- name: InvoicesOfAge :many
-- Open invoices in no case that are due for long, with the last written demand
-- that reached the debtor.
select i.id, i.number, i.administration_id, i.due, d.kind as debtor_kind, coalesce(nullif(ad.law_country, ''), ad.country)::text as law, ad.time_zone,
  coalesce((select max(m.sent_at) from message m join message_invoice mi on mi.message_id = m.id
    where mi.invoice_id = i.id and mi.role = 'demanded' and m.state = 'sent' and m.delivery not in ('bounced', 'soft_bounced', 'returned', 'failed')
      and m.step in ('final_reminder', 'fourteen_day_letter', 'statutory_notice', 'case_opened', 'summons_reminder', 'summons_2', 'pre_judicial', 'interruption')), 'epoch')::timestamptz as demanded_at
from invoice i join administration ad on ad.id = i.administration_id join debtor d on d.id = i.debtor_id
where i.kind = 'invoice' and i.status = 'open' and i.gone_at is null and i.open_minor > 0 and i.due < sqlc.arg(before)::date
  and not exists (select from case_invoice ci join collection_case c on c.id = ci.case_id where ci.invoice_id = i.id and ci.left_at is null and c.state <> 'closed')
order by i.due, i.id;
