-- name: LedgerDisputes :many
-- What is in dispute, and what was agreed to be credited and is not yet.
select d.id, d.invoice_id, d.state, d.amount_minor, d.accepted_minor, d.total_minor, d.base_minor,
  coalesce((select sum(n.total_minor) from invoice n, invoice i where i.id = d.invoice_id and n.kind = 'credit_note' and n.gone_at is null
    and n.status not in ('draft', 'void') and n.administration_id = i.administration_id and n.credits = i.external_id and n.changed_at >= d.resolved_at), 0)::bigint as credited
from dispute d
where d.invoice_id = any(sqlc.arg(invoices)::uuid[]) and (d.state = 'open' or d.state = 'accepted' and d.credited_at is null);

-- name: LedgerResumes :many
select * from flow_resume where invoice_id = any(sqlc.arg(invoices)::uuid[]);

-- name: LedgerStops :many
select * from legal_stop where debtor_id = any(sqlc.arg(debtors)::uuid[]) and lifted_at is null;

-- name: LedgerArrangements :many
-- Promises, plans and proofs of payment that new money may settle.
select invoice_id, id, 'promise'::text as kind from promise where invoice_id = any(sqlc.arg(invoices)::uuid[]) and state = 'open'
union all
select pi.invoice_id, p.id, 'payment_plan'::text from payment_plan_invoice pi join payment_plan p on p.id = pi.plan_id
where pi.invoice_id = any(sqlc.arg(invoices)::uuid[]) and p.state = 'active'
union all
select invoice_id, id, 'paid_claim'::text from paid_claim where invoice_id = any(sqlc.arg(invoices)::uuid[]) and state = 'open'
union all
select invoice_id, id, 'dispute'::text from dispute where invoice_id = any(sqlc.arg(invoices)::uuid[]) and state = 'accepted' and credited_at is null;

-- name: DropResume :exec
delete from flow_resume where invoice_id = $1;

-- name: PutResume :exec
insert into flow_resume (invoice_id, tenant_id, step, firmer, rule, promised_minor, promised_on, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (invoice_id) do update set step = excluded.step, firmer = excluded.firmer, rule = excluded.rule,
  promised_minor = excluded.promised_minor, promised_on = excluded.promised_on, at = excluded.at;

-- name: ArrangementPolicy :one
select settings from arrangement_policy where administration_id = $1;

-- name: PutArrangementPolicy :exec
insert into arrangement_policy (administration_id, tenant_id, settings, updated_at, updated_by) values ($1, $2, $3, $4, $5)
on conflict (administration_id) do update set settings = excluded.settings, updated_at = excluded.updated_at, updated_by = excluded.updated_by;
