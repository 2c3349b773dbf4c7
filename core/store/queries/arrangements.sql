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

-- name: AddWord :exec
insert into arrangement_word (id, tenant_id, debtor_id, step, invoices, detail, created_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing;

-- name: Word :one
select * from arrangement_word where id = $1;

-- name: EndWord :exec
update arrangement_word set told_at = $2, outcome = $3 where id = $1 and told_at is null;

-- name: AddBehaviour :exec
insert into behaviour_event (tenant_id, debtor_id, invoice_id, kind, amount_minor, currency, at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: CreditNotesFor :one
-- What was credited on an invoice since a moment, by credit notes that name it.
select coalesce(sum(n.total_minor), 0)::bigint from invoice n join invoice i on n.administration_id = i.administration_id and n.credits = i.external_id
where i.id = $1 and n.kind = 'credit_note' and n.gone_at is null and n.status not in ('draft', 'void') and n.changed_at >= sqlc.arg(since)::timestamptz;

-- name: AddPromise :exec
insert into promise (id, tenant_id, administration_id, debtor_id, invoice_id, currency, amount_minor, pay_on, grace_until, state, channel, note, open_minor, paid_minor, step, hold_id, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $13, $14, $15, $16, $17);

-- name: Promise :one
select p.*, i.number, coalesce(d.name, '')::text as debtor from promise p join invoice i on i.id = p.invoice_id left join debtor d on d.id = p.debtor_id where p.id = $1;

-- name: EndPromise :execrows
update promise set state = $2, received_minor = $3, ended_at = $4, ended_by = $5 where id = $1 and state = 'open';

-- name: PromisesMade :one
-- Promises on an invoice that count for its limit, and whether one is open.
select count(*) filter (where state in ('open', 'kept', 'partly_kept', 'broken'))::bigint as made, coalesce(bool_or(state = 'open'), false)::boolean as open
from promise where invoice_id = $1;

-- name: PromisesOfInvoice :many
select * from promise where invoice_id = $1 order by created_at desc;

-- name: PromisesOfDebtor :many
select p.*, i.number from promise p join invoice i on i.id = p.invoice_id where p.debtor_id = $1 order by p.created_at desc limit 100;

-- name: PromiseList :many
-- The newest first. Due is about the day of those that are open: late, or within a week.
select p.*, i.number, coalesce(d.name, '')::text as debtor from promise p join invoice i on i.id = p.invoice_id left join debtor d on d.id = p.debtor_id
where case sqlc.arg(tab)::text when 'open' then p.state = 'open' when 'kept' then p.state in ('kept', 'partly_kept') when 'broken' then p.state = 'broken' else true end
  and (sqlc.arg(search)::text = '' or strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(coalesce(d.name, '')), lower(sqlc.arg(search)::text)) > 0 or p.amount_minor = sqlc.narg(amount)::bigint)
  and case sqlc.arg(due)::text when 'late' then p.state = 'open' and p.pay_on < sqlc.arg(today)::date when 'week' then p.state = 'open' and p.pay_on between sqlc.arg(today)::date and sqlc.arg(today)::date + 7 else true end
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (p.created_at, p.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (p.created_at, p.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then p.created_at end, case when sqlc.arg(back)::boolean then p.id end, p.created_at desc, p.id desc
limit sqlc.arg(most);

-- name: PromiseCounts :one
select count(*) filter (where state = 'open')::bigint as open, count(*) filter (where state in ('kept', 'partly_kept'))::bigint as kept,
  count(*) filter (where state = 'broken')::bigint as broken from promise;

-- name: AddPlan :exec
insert into payment_plan (id, tenant_id, administration_id, debtor_id, case_id, state, proposed_by, created_by, note, currency, principal_minor, costs_minor, interest_minor,
  interval, reduce, rest_due, grace_days, cure_days, break_approval, waive_minor, waiver, automatic, created_at)
values ($1, $2, $3, $4, $5, 'proposed', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22);

-- name: AddPlanInvoice :exec
insert into payment_plan_invoice (plan_id, invoice_id, tenant_id, principal_minor, open_minor, paid_minor, step, hold_id) values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: AddPlanInstalment :exec
insert into payment_plan_instalment (plan_id, seq, tenant_id, due, principal_minor, costs_minor, interest_minor) values ($1, $2, $3, $4, $5, $6, $7);

-- name: PaymentPlan :one
select p.*, coalesce(d.name, '')::text as debtor, coalesce(c.number, '')::text as case_number from payment_plan p
left join debtor d on d.id = p.debtor_id left join collection_case c on c.id = p.case_id where p.id = $1;

-- name: PlanInvoices :many
select pi.*, i.number, i.due, i.status from payment_plan_invoice pi join invoice i on i.id = pi.invoice_id where pi.plan_id = $1 order by i.due, i.id;

-- name: PlanInstalments :many
select * from payment_plan_instalment where plan_id = $1 order by seq;

-- name: AcceptPlan :execrows
update payment_plan set state = 'active', accepted_at = $2, accepted_by = $3 where id = $1 and state = 'proposed';

-- name: StartPlanInvoice :exec
update payment_plan_invoice set open_minor = $3, paid_minor = $4, step = $5, hold_id = $6 where plan_id = $1 and invoice_id = $2;

-- name: EndPlan :execrows
update payment_plan set state = $2, ended_at = $3, ended_by = $4, ended_why = $5, waiver = $6 where id = $1 and state in ('proposed', 'active');

-- name: WarnPlan :exec
update payment_plan set warned_seq = $2, warned_at = $3, cure_on = $4, break_asked_at = null where id = $1;

-- name: AskPlanBreak :exec
update payment_plan set break_asked_at = $2 where id = $1;

-- name: ToldInstalment :exec
update payment_plan_instalment set told_before = coalesce(told_before, sqlc.narg(before)), told_on = coalesce(told_on, sqlc.narg(on_day)), told_after = coalesce(told_after, sqlc.narg(after))
where plan_id = $1 and seq = $2;

-- name: PlansOfDebtor :many
select * from payment_plan where debtor_id = $1 order by created_at desc limit 50;

-- name: PlansOfInvoice :many
select p.* from payment_plan p join payment_plan_invoice pi on pi.plan_id = p.id where pi.invoice_id = $1 order by p.created_at desc;

-- name: PlanUnderWay :one
-- Whether one of the invoices is in a plan that is proposed or active.
select exists (select 1 from payment_plan_invoice pi join payment_plan p on p.id = pi.plan_id
  where pi.invoice_id = any(sqlc.arg(invoices)::uuid[]) and p.state in ('proposed', 'active'))::boolean;

-- name: LastBrokenPlan :one
select ended_at from payment_plan where debtor_id = $1 and state = 'broken' and ended_at is not null order by ended_at desc limit 1;

-- name: PlanList :many
-- The newest first. Late are those with an instalment that was missed; within a
-- week are those of which an instalment falls due.
select p.*, coalesce(d.name, '')::text as debtor, (select count(*) from payment_plan_instalment n where n.plan_id = p.id)::bigint as instalments,
  coalesce((select string_agg(i.number, ', ' order by i.due, i.number) from payment_plan_invoice pi join invoice i on i.id = pi.invoice_id where pi.plan_id = p.id), '')::text as numbers
from payment_plan p left join debtor d on d.id = p.debtor_id
where case sqlc.arg(tab)::text when 'proposed' then p.state = 'proposed' when 'active' then p.state = 'active' when 'ended' then p.state not in ('proposed', 'active') else true end
  and (sqlc.arg(search)::text = '' or strpos(lower(coalesce(d.name, '')), lower(sqlc.arg(search)::text)) > 0 or p.principal_minor + p.costs_minor + p.interest_minor = sqlc.narg(amount)::bigint
    or exists (select 1 from payment_plan_invoice pi join invoice i on i.id = pi.invoice_id where pi.plan_id = p.id and strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0))
  and case sqlc.arg(due)::text when 'late' then p.state = 'active' and p.warned_seq > 0
    when 'week' then p.state = 'active' and exists (select 1 from payment_plan_instalment n where n.plan_id = p.id and n.due between sqlc.arg(today)::date and sqlc.arg(today)::date + 7) else true end
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (p.created_at, p.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (p.created_at, p.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then p.created_at end, case when sqlc.arg(back)::boolean then p.id end, p.created_at desc, p.id desc
limit sqlc.arg(most);

-- name: PlanCounts :one
select count(*) filter (where state = 'proposed')::bigint as proposed, count(*) filter (where state = 'active')::bigint as active,
  count(*) filter (where state not in ('proposed', 'active'))::bigint as ended from payment_plan;

-- name: InvoiceReceipts :many
-- Money on invoices by value date, costs and interest included.
select a.invoice_id, coalesce(p.value_date, p.seen_at::date)::date as value_date, a.amount_minor, p.seen_at
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and p.state = 'booked'
order by 2, a.created_at, a.id;

-- name: OpenDispute :exec
insert into dispute (id, tenant_id, invoice_id, debtor_id, reason, note, lines, currency, amount_minor, state, opened_at, deadline, opened_by, owner_id, step)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $13, $14);

-- name: DecideDispute :execrows
update dispute set state = $2, resolved_at = $3, resolved_by = $4, resolution = $5, accepted_minor = $6, total_minor = $7, base_minor = $8 where id = $1 and state = 'open';

-- name: AssignDispute :execrows
update dispute set owner_id = sqlc.narg(owner), deadline = coalesce(sqlc.narg(deadline)::date, deadline), escalated_at = case when sqlc.narg(deadline)::date is null then escalated_at end
where id = $1 and state = 'open';

-- name: EscalateDispute :execrows
update dispute set escalated_at = $2 where id = $1 and state = 'open' and escalated_at is null;

-- name: CreditDispute :execrows
update dispute set credited_at = $2 where id = $1 and state = 'accepted' and credited_at is null;

-- name: DisputedOf :one
select coalesce(sum(amount_minor), 0)::bigint from dispute where invoice_id = $1 and state = 'open';

-- name: DisputeFull :one
select d.*, i.number, i.open_minor, i.total_minor as invoice_total, coalesce(b.name, '')::text as debtor, coalesce(m.name, '')::text as owner
from dispute d join invoice i on i.id = d.invoice_id left join debtor b on b.id = d.debtor_id left join member m on m.id = d.owner_id where d.id = $1;

-- name: DisputeList :many
-- The newest first. Due is about the deadline of those that are open; an owner is
-- the id of a member, or nobody.
select d.*, i.number, coalesce(b.name, '')::text as debtor, coalesce(m.name, '')::text as owner
from dispute d join invoice i on i.id = d.invoice_id left join debtor b on b.id = d.debtor_id left join member m on m.id = d.owner_id
where case sqlc.arg(tab)::text when 'open' then d.state = 'open' when 'late' then d.state = 'open' and d.escalated_at is not null
    when 'credit' then d.state = 'accepted' and d.credited_at is null when 'decided' then d.state <> 'open' else true end
  and (sqlc.arg(search)::text = '' or strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(coalesce(b.name, '')), lower(sqlc.arg(search)::text)) > 0 or d.amount_minor = sqlc.narg(amount)::bigint)
  and case sqlc.arg(due)::text when 'late' then d.state = 'open' and d.deadline < sqlc.arg(today)::date when 'week' then d.state = 'open' and d.deadline between sqlc.arg(today)::date and sqlc.arg(today)::date + 7 else true end
  and (sqlc.arg(reason)::text = '' or d.reason = sqlc.arg(reason)::text)
  and case sqlc.arg(of_owner)::text when '' then true when 'nobody' then d.owner_id is null else d.owner_id::text = sqlc.arg(of_owner)::text end
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (d.opened_at, d.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (d.opened_at, d.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then d.opened_at end, case when sqlc.arg(back)::boolean then d.id end, d.opened_at desc, d.id desc
limit sqlc.arg(most);

-- name: DisputeCounts :one
select count(*) filter (where state = 'open')::bigint as open, count(*) filter (where state = 'open' and escalated_at is not null)::bigint as late,
  count(*) filter (where state = 'accepted' and credited_at is null)::bigint as credit, count(*) filter (where state <> 'open')::bigint as decided from dispute;

-- name: AddPaidClaim :exec
insert into paid_claim (id, tenant_id, administration_id, debtor_id, invoice_id, currency, amount_minor, paid_on, note, state, open_minor, hold_id, until, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, $12, $13, $14);

-- name: PaidClaim :one
select c.*, i.number from paid_claim c join invoice i on i.id = c.invoice_id where c.id = $1;

-- name: EndPaidClaim :execrows
update paid_claim set state = $2, ended_at = $3, ended_by = $4 where id = $1 and state = 'open';

-- name: PaidClaimsOfDebtor :many
select c.*, i.number from paid_claim c join invoice i on i.id = c.invoice_id where c.debtor_id = $1 order by c.created_at desc limit 100;

-- name: PaidClaimList :many
-- The newest first. Due is about the end of the time to look for the money.
select c.*, i.number, coalesce(d.name, '')::text as debtor,
  (select count(*) from document o where o.subject_id = c.id)::bigint as proofs
from paid_claim c join invoice i on i.id = c.invoice_id left join debtor d on d.id = c.debtor_id
where case sqlc.arg(tab)::text when 'open' then c.state = 'open' when 'matched' then c.state = 'matched' when 'not_found' then c.state = 'not_found' when 'ended' then c.state <> 'open' else true end
  and (sqlc.arg(search)::text = '' or strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(coalesce(d.name, '')), lower(sqlc.arg(search)::text)) > 0 or c.amount_minor = sqlc.narg(amount)::bigint)
  and case sqlc.arg(due)::text when 'late' then c.state = 'open' and c.until::date < sqlc.arg(today)::date when 'week' then c.state = 'open' and c.until::date between sqlc.arg(today)::date and sqlc.arg(today)::date + 7 else true end
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (c.created_at, c.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (c.created_at, c.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then c.created_at end, case when sqlc.arg(back)::boolean then c.id end, c.created_at desc, c.id desc
limit sqlc.arg(most);

-- name: AddLegalStop :exec
insert into legal_stop (id, tenant_id, administration_id, debtor_id, kind, effective_on, ends_on, source, reference, contact, note, hold_id, recorded_at, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: LegalStop :one
select s.*, coalesce(d.name, '')::text as debtor from legal_stop s left join debtor d on d.id = s.debtor_id where s.id = $1;

-- name: LiftLegalStop :execrows
update legal_stop set lifted_at = $2, lifted_by = $3, lifted_why = $4 where id = $1 and lifted_at is null;

-- name: LegalStopsOfDebtor :many
select * from legal_stop where debtor_id = $1 order by recorded_at desc;

-- name: LegalStopped :one
select exists (select 1 from legal_stop where debtor_id = $1 and lifted_at is null)::boolean;

-- name: HoldingOn :one
-- Whether a hold is in force.
select exists (select 1 from hold where id = $1 and released_at is null)::boolean;

-- name: DropDisputedHolds :exec
update hold set released_at = sqlc.arg(at), released_by = 'voldaan' where scope = 'invoice' and scope_id = $1 and reason = 'disputed' and released_at is null;

-- name: LegalStopList :many
-- The newest first; in force are those that nobody lifted.
select s.*, coalesce(d.name, '')::text as debtor from legal_stop s left join debtor d on d.id = s.debtor_id
where case sqlc.arg(tab)::text when 'in_force' then s.lifted_at is null when 'lifted' then s.lifted_at is not null else true end
  and (sqlc.arg(search)::text = '' or strpos(lower(coalesce(d.name, '')), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(s.reference), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(s.contact), lower(sqlc.arg(search)::text)) > 0)
  and (sqlc.arg(of_kind)::text = '' or s.kind = sqlc.arg(of_kind)::text)
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (s.recorded_at, s.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (s.recorded_at, s.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then s.recorded_at end, case when sqlc.arg(back)::boolean then s.id end, s.recorded_at desc, s.id desc
limit sqlc.arg(most);

-- name: PlansMade :one
select count(*) from payment_plan where debtor_id = $1;
