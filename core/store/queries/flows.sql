-- name: LedgerFlows :many
-- All that the choice of a flow for some debtors and their invoices depends on,
-- in one round trip.
select 'flow'::text as kind, f.id as key, ''::text as value, f.version as number, v.body
from flow f join flow_version v on v.tenant_id = f.tenant_id and v.flow = f.id and v.version = f.version where f.archived_at is null
union all
select 'segment', s.name, s.title, s.rank, coalesce(s.rule, 'null'::jsonb) from segment s
union all
select 'choice', c.scope || '/' || c.subject, c.flow, 0, 'null'::jsonb from flow_choice c
where c.scope = 'segment' or c.subject = any(sqlc.arg(subjects)::text[])
union all
select 'member', m.debtor_id::text, m.segment, 0, 'null'::jsonb from debtor_segment m where m.debtor_id = any(sqlc.arg(debtors)::uuid[])
union all
select 'risk', r.debtor_id::text, r.risk, 0, 'null'::jsonb from debtor_risk r where r.debtor_id = any(sqlc.arg(debtors)::uuid[])
union all
select 'voice', w.debtor_id::text, w.language || '/' || w.form, 0, 'null'::jsonb from debtor_voice w where w.debtor_id = any(sqlc.arg(debtors)::uuid[])
union all
select 'approval', a.invoice_id::text, a.step, a.cycle, 'null'::jsonb from step_approval a
where a.invoice_id::text = any(sqlc.arg(subjects)::text[])
union all
select 'held_back', h.invoice_id::text, h.step, h.cycle, to_jsonb(h.until) from hold_back h where h.debtor_id = any(sqlc.arg(debtors)::uuid[])
union all
select 'trial', '', '', t.share, to_jsonb(t.days) from step_trial t;

-- name: StepTrial :one
select * from step_trial;

-- name: PutStepTrial :exec
insert into step_trial (tenant_id, share, days, set_by, set_at) values ($1, $2, $3, $4, $5)
on conflict (tenant_id) do update set share = excluded.share, days = excluded.days, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: AddHoldBack :exec
insert into hold_back (tenant_id, invoice_id, cycle, step, debtor_id, at, until, share, currency, open_minor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing;

-- name: FlowRows :many
select f.*, v.body, v.published_at, v.published_by from flow f
left join flow_version v on v.tenant_id = f.tenant_id and v.flow = f.id and v.version = f.version
where f.archived_at is null order by f.created_at;

-- name: FlowRow :one
select * from flow where id = $1;

-- name: AddFlow :execrows
insert into flow (tenant_id, id, draft, draft_by, draft_at, created_at) values ($1, $2, $3, $4, $5, $5) on conflict do nothing;

-- name: SetFlowDraft :execrows
update flow set draft = $2, draft_by = $3, draft_at = $4 where id = $1 and archived_at is null;

-- name: LockFlow :one
select * from flow where id = $1 for update;

-- name: AddFlowVersion :exec
insert into flow_version (tenant_id, flow, version, body, note, published_by, published_at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: SetFlowVersion :exec
update flow set version = $2, draft = null, draft_by = '', draft_at = null where id = $1;

-- name: ArchiveFlow :execrows
update flow set archived_at = $2 where id = $1 and archived_at is null;

-- name: DeleteFlowDraft :execrows
delete from flow where id = $1 and version = 0;

-- name: FlowVersions :many
select * from flow_version where flow = $1 order by version desc;

-- name: FlowVersion :one
select * from flow_version where flow = $1 and version = $2;

-- name: FlowChoices :many
select * from flow_choice order by scope, subject;

-- name: PutFlowChoice :exec
insert into flow_choice (tenant_id, scope, subject, flow, chosen_by, chosen_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, scope, subject) do update set flow = excluded.flow, chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at;

-- name: DropFlowChoice :execrows
delete from flow_choice where scope = $1 and subject = $2;

-- name: FlowUse :many
select flow, count(*)::bigint as invoices, count(distinct debtor_id)::bigint as debtors from collection where phase <> 'closed' group by flow;

-- name: Segments :many
select s.*, (select count(*) from debtor_segment m where m.tenant_id = s.tenant_id and m.segment = s.name)::bigint as members from segment s order by s.rank, s.name;

-- name: PutSegment :exec
insert into segment (tenant_id, name, title, rule, rank, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, name) do update set title = excluded.title, rule = excluded.rule, rank = excluded.rank;

-- name: DropSegment :execrows
delete from segment where name = $1;

-- name: AddToSegment :exec
insert into debtor_segment (tenant_id, debtor_id, segment, added_by, added_at) values ($1, $2, $3, $4, $5) on conflict do nothing;

-- name: TakeFromSegment :execrows
delete from debtor_segment where debtor_id = $1 and segment = $2;

-- name: SegmentsOfDebtor :many
select segment from debtor_segment where debtor_id = $1 order by segment;

-- name: PutRisk :exec
insert into debtor_risk (tenant_id, debtor_id, risk, set_by, set_at) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, debtor_id) do update set risk = excluded.risk, set_by = excluded.set_by, set_at = excluded.set_at, computed = false, why = '';

-- name: ApproveStep :execrows
insert into step_approval (tenant_id, invoice_id, cycle, step, approved_by, approved_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- name: TakeBackApproval :execrows
delete from step_approval where invoice_id = $1 and cycle = $2 and step = $3;

-- name: GivenApprovals :many
-- Approvals of steps that are not taken yet, the newest first.
select a.invoice_id, a.step, a.approved_by, a.approved_at, c.flow, c.next_at, i.number, i.due, i.currency, i.open_minor, d.name as debtor
from step_approval a join collection c on c.invoice_id = a.invoice_id and c.cycle = a.cycle and c.next_step = a.step
join invoice i on i.id = a.invoice_id join debtor d on d.id = c.debtor_id
where c.phase <> 'closed'
  and (sqlc.arg(search)::text = '' or strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(d.name), lower(sqlc.arg(search)::text)) > 0 or i.open_minor = sqlc.narg(amount)::bigint)
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (a.approved_at, a.invoice_id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (a.approved_at, a.invoice_id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then a.approved_at end, case when sqlc.arg(back)::boolean then a.invoice_id end, a.approved_at desc, a.invoice_id desc
limit sqlc.arg(most);

-- name: WaitingForApproval :many
-- By debtor and day. Due is about the invoice: overdue, or falling due within a week.
select c.invoice_id, c.debtor_id, c.flow, c.next_step, c.cycle, c.held_why, i.number, i.due, i.currency, i.open_minor, d.name as debtor, lower(d.name) as place
from collection c join invoice i on i.id = c.invoice_id join debtor d on d.id = c.debtor_id
where c.held_rule = 'approval' and c.phase <> 'closed'
  and (sqlc.arg(search)::text = '' or strpos(lower(i.number), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(d.name), lower(sqlc.arg(search)::text)) > 0 or i.open_minor = sqlc.narg(amount)::bigint)
  and (sqlc.arg(step)::text = '' or c.next_step = sqlc.arg(step)::text)
  and case sqlc.arg(due)::text when 'late' then i.due < sqlc.arg(today)::date when 'week' then i.due between sqlc.arg(today)::date and sqlc.arg(today)::date + 7 else true end
  and (sqlc.narg(from_id)::uuid is null
    or case when sqlc.arg(back)::boolean then (lower(d.name), i.due, c.invoice_id) < (sqlc.arg(from_place)::text, sqlc.arg(from_due)::date, sqlc.narg(from_id)::uuid)
       else (lower(d.name), i.due, c.invoice_id) > (sqlc.arg(from_place)::text, sqlc.arg(from_due)::date, sqlc.narg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then lower(d.name) end desc, case when sqlc.arg(back)::boolean then i.due end desc, case when sqlc.arg(back)::boolean then c.invoice_id end desc,
  lower(d.name), i.due, c.invoice_id
limit sqlc.arg(most);

-- name: ApprovalSteps :many
-- For which steps invoices wait, and how many.
select next_step, flow, count(*)::bigint as invoices from collection where held_rule = 'approval' and phase <> 'closed' group by next_step, flow order by next_step, flow;

-- name: SetSending :exec
update administration set sending = $2, minimum_interval = $3, approve_cases_days = $4, entry_step = $5 where id = $1;

-- name: QueueReplans :execrows
-- Leaves work for the carrier: the debtors whose open invoices have to be planned
-- again, in batches that it takes one at a time.
insert into outbox (tenant_id, kind, subject_id, payload)
select sqlc.arg(tenant_id)::uuid, 'debtors.replan', gen_random_uuid(), jsonb_build_object('debtors', jsonb_agg(b.debtor_id))
from (
  select c.debtor_id, (row_number() over (order by c.debtor_id) - 1) / 100 as batch
  from (select distinct debtor_id from collection
        where phase <> 'closed' and (sqlc.arg(flow)::text = '' or flow = sqlc.arg(flow)::text)
          and (sqlc.narg(administration)::uuid is null or administration_id = sqlc.narg(administration)::uuid)
          and (cardinality(sqlc.arg(debtors)::uuid[]) = 0 or debtor_id = any(sqlc.arg(debtors)::uuid[]))) c) b
group by b.batch;

-- name: OpenCollectionsOfDebtors :many
select invoice_id from collection where debtor_id = any(sqlc.arg(debtors)::uuid[]) and phase <> 'closed';

-- name: RehearsedInvoices :many
-- The invoices of a year, for running flows over them.
select i.id, i.debtor_id, i.administration_id, i.number, i.issued, i.due, i.currency, i.total_minor, i.open_minor, i.status, i.sent_at, i.changed_at,
  c.closed_on
from invoice i left join collection c on c.invoice_id = i.id
where i.kind = 'invoice' and i.status in ('open', 'paid') and i.gone_at is null and i.issued >= sqlc.arg(since)::date
  and (sqlc.narg(administration)::uuid is null or i.administration_id = sqlc.narg(administration)::uuid)
order by i.issued, i.id limit sqlc.arg(most);

-- name: RehearsedPayments :many
select a.invoice_id, coalesce(p.value_date, p.seen_at::date)::date as value_date, sum(a.amount_minor)::bigint as amount
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and a.kind = 'principal' and p.state = 'booked'
group by 1, 2 order by 2;

-- name: AddRehearsal :exec
insert into rehearsal (id, tenant_id, asked_by, asked_at, state, request) values ($1, $2, $3, $4, 'running', $5);

-- name: NoteRehearsal :exec
update rehearsal set done = $2, total = $3 where id = $1 and state = 'running';

-- name: EndRehearsal :exec
update rehearsal set state = $2, result = $3, problem = $4, done = total where id = $1;

-- name: Rehearsal :one
select * from rehearsal where id = $1;

-- name: Rehearsals :many
select id, asked_by, asked_at, state, request, problem from rehearsal order by asked_at desc limit 20;
