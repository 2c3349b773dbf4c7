-- name: DebitSetting :one
select * from debit_setting where administration_id = $1;

-- name: PutDebitSetting :exec
insert into debit_setting (administration_id, tenant_id, enabled, offered, creditor_id, lead_days, retry_lead_days, retry, retry_pay_day, retry_after, limit_minor, month_minor, fresh_days)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (administration_id) do update set enabled = excluded.enabled, offered = excluded.offered, creditor_id = excluded.creditor_id,
  lead_days = excluded.lead_days, retry_lead_days = excluded.retry_lead_days, retry = excluded.retry, retry_pay_day = excluded.retry_pay_day,
  retry_after = excluded.retry_after, limit_minor = excluded.limit_minor, month_minor = excluded.month_minor, fresh_days = excluded.fresh_days;

-- name: DebitChoice :one
select mode from debit_choice where debtor_id = $1;

-- name: PutDebitChoice :exec
insert into debit_choice (debtor_id, tenant_id, mode) values ($1, $2, $3) on conflict (debtor_id) do update set mode = excluded.mode;

-- name: DropDebitChoice :exec
delete from debit_choice where debtor_id = $1;

-- name: DebitCustomer :one
select customer_id from debit_customer where debtor_id = $1;

-- name: PutDebitCustomer :one
-- The first one counts, so that two visits at once share it.
insert into debit_customer (debtor_id, tenant_id, customer_id) values ($1, $2, $3)
on conflict (debtor_id) do update set customer_id = debit_customer.customer_id returning customer_id;

-- name: AddMandate :exec
insert into mandate (id, tenant_id, administration_id, debtor_id, scheme, state, reference, customer_id, checkout_id, signed_at, signed_on, language, wording, lead_days, retry_lead_days)
values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: Mandate :one
select * from mandate where id = $1;

-- name: LockMandate :one
select * from mandate where id = $1 for update;

-- name: MandateOfCheckout :one
select * from mandate where checkout_id = $1 for update;

-- name: MandatesOf :many
select * from mandate where debtor_id = $1 order by signed_at desc, id;

-- name: ValidMandate :one
select * from mandate where debtor_id = $1 and state = 'valid';

-- name: MandatesIn :many
select * from mandate where administration_id = $1 and state = 'valid' order by id;

-- name: SetMandate :exec
update mandate set state = $2, why = $3, provider_id = $4, provider_reference = $5, account_last = $6, sealed_account = $7, ended_at = $8, ended_by = $9, checked_at = $10, last_used = $11 where id = $1;

-- name: DebitCandidates :many
-- Invoices that may be collected: of a debtor with a valid mandate, where the
-- setting or the choice for the debtor says so, from the time since go-live and
-- not yet at a final notice, and never collected before: what failed once is for
-- a person to decide.
select i.id, i.number, i.debtor_id, i.administration_id, i.due, i.currency, m.id as mandate_id,
  (i.open_minor - coalesce((
    select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
    where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal'), 0))::bigint as open
from invoice i join mandate m on m.debtor_id = i.debtor_id and m.state = 'valid'
join administration ad on ad.id = i.administration_id
join debit_setting s on s.administration_id = i.administration_id
left join debit_choice c on c.debtor_id = i.debtor_id
left join collection k on k.invoice_id = i.id
where (i.id = any(sqlc.arg(invoices)::uuid[]) or i.debtor_id = any(sqlc.arg(debtors)::uuid[]))
  and coalesce(c.mode = 'on', s.enabled) and s.creditor_id <> ''
  and i.kind = 'invoice' and i.status = 'open' and i.gone_at is null and i.currency = 'EUR' and i.hold = '' and i.issued >= ad.go_live_on
  and coalesce(k.phase, 'draft') in ('draft', 'sent', 'reminding')
  and not exists (select from debit_invoice di where di.invoice_id = i.id)
order by i.debtor_id, i.due, i.id;

-- name: DebitTarget :one
-- One invoice that a person wants collected.
select i.id, i.number, i.debtor_id, i.administration_id, i.due, i.currency, m.id as mandate_id,
  (i.open_minor - coalesce((
    select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
    where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal'), 0))::bigint as open
from invoice i join mandate m on m.debtor_id = i.debtor_id and m.state = 'valid'
join debit_setting s on s.administration_id = i.administration_id
where i.id = $1 and i.kind = 'invoice' and i.status = 'open' and i.gone_at is null and i.currency = 'EUR' and s.creditor_id <> ''
  and not exists (select from debit_invoice di join debit d on d.id = di.debit_id where di.invoice_id = i.id and d.state in ('scheduled', 'announced', 'submitted'));

-- name: DebitObstacles :many
-- Why an invoice may not be collected now: holds of other reasons, disputes, and
-- what the debtor is paying at the provider in another way.
select h.scope_id, h.reason from hold h
where h.scope_id = any(sqlc.arg(scopes)::uuid[]) and h.released_at is null and (h.until is null or h.until > sqlc.arg(at)::timestamptz)
  and h.reason not in ('direct_debit', 'reminders_paused', 'no_address', 'uncertain')
union all
select d.invoice_id, 'disputed' from dispute d where d.invoice_id = any(sqlc.arg(scopes)::uuid[]) and d.state = 'open'
union all
select ci.invoice_id, 'payment_on_its_way' from checkout_invoice ci join checkout c on c.id = ci.checkout_id
where ci.invoice_id = any(sqlc.arg(scopes)::uuid[]) and c.state = 'pending' and c.id <> sqlc.arg(beside)::uuid;

-- name: OpenCreditNotes :one
select coalesce(sum(open_minor), 0)::bigint from invoice where debtor_id = $1 and kind <> 'invoice' and status = 'open' and gone_at is null and currency = $2;

-- name: AddDebit :exec
insert into debit (id, tenant_id, administration_id, debtor_id, mandate_id, state, attempt, retry_of, currency, amount_minor, announce_on, submit_on, collect_on, why, created_at)
values ($1, $2, $3, $4, $5, 'scheduled', $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: AddDebitInvoice :exec
insert into debit_invoice (debit_id, invoice_id, tenant_id, amount_minor) values ($1, $2, $3, $4);

-- name: Debit :one
select * from debit where id = $1;

-- name: LockDebit :one
select * from debit where id = $1 for update;

-- name: DebitInvoices :many
select di.*, i.number, i.status, i.gone_at, i.hold, i.due, i.debtor_id as owed_by, i.currency as owed_in, (i.open_minor - coalesce((
  select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal'), 0))::bigint as open
from debit_invoice di join invoice i on i.id = di.invoice_id where di.debit_id = $1 order by i.due, i.number;

-- name: SetDebitInvoice :exec
update debit_invoice set amount_minor = $3 where debit_id = $1 and invoice_id = $2;

-- name: SetDebit :exec
update debit set state = $2, amount_minor = $3, announce_on = $4, submit_on = $5, collect_on = $6, why = $7, announced_on = $8, message_id = $9,
  submitted_at = $10, settled_on = $11, bank_reference = $12, reason_code = $13, reason_rule = $14, will_retry = $15, asked = $16, back_minor = $17,
  tell = $18, pay_by = $19, ended_at = $20, ended_by = $21 where id = $1;

-- name: QueuedDebits :many
-- What is not with the bank yet.
select * from debit where mandate_id = $1 and state in ('scheduled', 'announced') order by collect_on, id for update;

-- name: SecondAttempt :one
select * from debit where retry_of = $1 for update;

-- name: CollectedInMonth :one
-- What is collected of a debtor in the month of a day, beside one collection.
select coalesce(sum(amount_minor), 0)::bigint from debit
where debtor_id = $1 and id <> sqlc.arg(beside)::uuid and state in ('scheduled', 'announced', 'submitted', 'paid')
  and date_trunc('month', collect_on) = date_trunc('month', sqlc.arg(day)::date);

-- name: DebitsOf :many
select * from debit where debtor_id = $1 order by collect_on desc, created_at desc limit 50;

-- name: DebitsOfInvoices :many
-- What is still to come, by invoice.
select di.invoice_id, di.amount_minor, d.id, d.collect_on, d.state from debit d join debit_invoice di on di.debit_id = d.id
where di.invoice_id = any(sqlc.arg(invoices)::uuid[]) and d.state in ('scheduled', 'announced', 'submitted');

-- name: DebitsPage :many
-- A page of collections, the latest day first; an empty state is every state.
select d.*, b.name as debtor_name, m.account_last, (select string_agg(i.number, ', ' order by i.due, i.number) from debit_invoice di join invoice i on i.id = di.invoice_id where di.debit_id = d.id)::text as numbers
from debit d join debtor b on b.id = d.debtor_id join mandate m on m.id = d.mandate_id
where (sqlc.arg(states)::text[] = '{}' or d.state = any(sqlc.arg(states)::text[]))
  and (sqlc.narg(after_day)::date is null or (d.collect_on, d.id) < (sqlc.narg(after_day)::date, sqlc.arg(after_id)::uuid))
order by d.collect_on desc, d.id desc limit sqlc.arg(most)::int;

-- name: MandatesPage :many
select m.*, b.name as debtor_name from mandate m join debtor b on b.id = m.debtor_id
where m.id > sqlc.arg(after)::uuid order by m.id limit sqlc.arg(most)::int;

-- name: DebitSums :many
select state, count(*) as n, coalesce(sum(amount_minor), 0)::bigint as minor from debit group by state;

-- name: FreshTerm :exec
-- Nothing more is asked of these before a day, since the debtor was just given
-- until then (R86, R87, R90).
update collection set not_before = sqlc.arg(day)::date, not_before_rule = sqlc.arg(rule)::text where invoice_id = any(sqlc.arg(invoices)::uuid[]);
