-- name: LockDebtors :many
-- The fence of a debtor: whoever sends holds it, and whoever changes what is
-- owed waits for it, in the order of ids so that nobody waits in a circle.
select d.id from (select distinct given.id from unnest(sqlc.arg(ids)::uuid[]) as given(id) order by given.id) u
cross join lateral (select debtor.id from debtor where debtor.id = u.id for no key update) d;

-- name: DebtorsByID :many
select * from debtor where id = any(sqlc.arg(ids)::uuid[]);

-- name: LedgerInvoices :many
select * from invoice i
where i.debtor_id = any(sqlc.arg(debtors)::uuid[])
  and (i.status in ('open', 'uncollectible') or exists (select 1 from collection c where c.invoice_id = i.id and c.phase <> 'closed'))
order by i.due, i.id;

-- name: LedgerCollections :many
select c.* from collection c join invoice i on i.id = c.invoice_id where i.debtor_id = any(sqlc.arg(debtors)::uuid[]);

-- name: LedgerSteps :many
-- A step is recorded with its e-mail where it had one.
select s.*, coalesce(m.channel = 'letter', false)::boolean as by_post
from step_record s join collection c on c.invoice_id = s.invoice_id join invoice i on i.id = c.invoice_id
left join message m on m.id = s.message_id
where i.debtor_id = any(sqlc.arg(debtors)::uuid[]) and s.cycle = c.cycle;

-- name: LedgerHolds :many
select * from hold where scope_id = any(sqlc.arg(scopes)::uuid[]) and released_at is null;

-- name: LedgerReceived :many
select a.invoice_id, sum(a.amount_minor)::bigint as amount
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and a.reflected_at is null
  and a.kind = 'principal' and p.state = 'booked'
group by a.invoice_id;

-- name: LedgerPayments :many
-- What was paid on each invoice by value date, whoever saw it first.
select a.invoice_id, coalesce(p.value_date, p.seen_at::date)::date as value_date, sum(a.amount_minor)::bigint as amount
from allocation a join payment p on p.id = a.payment_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and a.kind = 'principal' and p.state = 'booked'
group by 1, 2 order by 2;

-- name: LedgerCredit :many
select p.debtor_id::uuid as debtor_id, p.currency, sum(p.amount_minor - coalesce(used.amount, 0))::bigint as amount
from payment p left join lateral (
  select sum(a.amount_minor) as amount from allocation a where a.payment_id = p.id and a.reversed_at is null) used on true
where p.debtor_id = any(sqlc.arg(debtors)::uuid[]) and p.state = 'booked' and p.source <> 'books'
group by p.debtor_id, p.currency;

-- name: LedgerPending :many
select ci.invoice_id, min(coalesce(c.pending_since, c.created_at))::timestamptz as since
from checkout_invoice ci join checkout c on c.id = ci.checkout_id
where ci.invoice_id = any(sqlc.arg(invoices)::uuid[]) and c.state = 'pending'
group by ci.invoice_id;

-- name: LedgerProblems :many
select administration_id, external_id, message from sync_problem
where administration_id = any(sqlc.arg(administrations)::uuid[]) and stream = 'invoices' and external_id = any(sqlc.arg(ids)::text[]);

-- name: LedgerUnread :many
select distinct debtor_id from correspondence
where debtor_id = any(sqlc.arg(debtors)::uuid[]) and direction = 'in' and handled_at is null;

-- name: LedgerLastReminder :many
select m.debtor_id, max(coalesce(m.sent_at, m.created_at))::timestamptz as at
from message m
where m.debtor_id = any(sqlc.arg(debtors)::uuid[]) and m.state in ('sent', 'uncertain', 'handing_over') and m.delivery not in ('bounced', 'soft_bounced') and m.demands
group by m.debtor_id;

-- name: LedgerBlocked :many
select debtor_id, channel, address from blocked_address where debtor_id = any(sqlc.arg(debtors)::uuid[]);

-- name: LedgerNotices :many
select n.*, ni.invoice_id, ni.principal_minor as invoice_principal from notice n join notice_invoice ni on ni.notice_id = n.id
where n.debtor_id = any(sqlc.arg(debtors)::uuid[]) and n.void_at is null order by n.posted_on;

-- name: ClaimTotals :many
-- What is booked on cases, by kind; waivers and payments are negative.
select e.case_id, e.kind, sum(e.amount_minor)::bigint as amount from claim_entry e
where e.case_id = any(sqlc.arg(cases)::uuid[]) group by e.case_id, e.kind;

-- name: LedgerCases :many
select c.id, c.number, c.state, c.opened_at, c.currency, c.notice_id, c.law, c.terms_agreed_rate, ci.invoice_id, ci.principal_minor, ci.interest_from
from collection_case c join case_invoice ci on ci.case_id = c.id
where c.debtor_id = any(sqlc.arg(debtors)::uuid[]) and c.state <> 'closed' and ci.left_at is null;

-- name: PutCollections :batchexec
-- The workflow column is the starter's. A running workflow is told through the
-- outbox, unless it is the one that asks (quiet).
with put as (
  insert into collection (invoice_id, tenant_id, administration_id, debtor_id, flow, flow_version, phase, cycle,
    next_step, next_at, wake_at, next_rule, next_why, held_rule, held_why, plan_version,
    planned_due, planned_open, not_before, not_before_rule, workflow, started_at, closed_at, closed_why, closed_on,
    settled_by_payment, reversed_on, reversed_minor, workflow_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
    (select 'invoice/' || t.slug || '/' || regexp_replace(i.number, '[^A-Za-z0-9._-]+', '-', 'g') || '/' || left(i.id::text, 8)
     from invoice i, tenant t where i.id = $1 and t.id = $2))
  on conflict (invoice_id) do update set
    debtor_id = excluded.debtor_id, flow = excluded.flow, flow_version = excluded.flow_version, phase = excluded.phase, cycle = excluded.cycle,
    next_step = excluded.next_step, next_at = excluded.next_at, wake_at = excluded.wake_at, next_rule = excluded.next_rule,
    next_why = excluded.next_why, held_rule = excluded.held_rule, held_why = excluded.held_why, plan_version = excluded.plan_version,
    planned_due = excluded.planned_due, planned_open = excluded.planned_open, not_before = excluded.not_before,
    not_before_rule = excluded.not_before_rule, closed_at = excluded.closed_at, closed_why = excluded.closed_why, closed_on = excluded.closed_on,
    settled_by_payment = excluded.settled_by_payment, reversed_on = excluded.reversed_on, reversed_minor = excluded.reversed_minor
  returning invoice_id, tenant_id, workflow)
insert into outbox (tenant_id, kind, subject_id, payload)
select put.tenant_id, 'invoice.plan', put.invoice_id, '{}'::jsonb from put
where put.workflow = 'running' and not sqlc.arg(quiet)::boolean;

-- name: SetWorkflow :one
update collection set workflow = $2, claimed_until = null where invoice_id = $1 returning plan_version;

-- name: NoteWaiting :execrows
-- Shows why a step that is due waits for a source, unless the plan moved on.
update collection set held_rule = $2, held_why = $3 where invoice_id = $1 and plan_version = $4;

-- name: Collection :one
select * from collection where invoice_id = $1;

-- name: PutStep :exec
insert into step_record (invoice_id, cycle, step, tenant_id, outcome, at, message_id) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (invoice_id, cycle, step) do nothing;

-- name: CarrySteps :exec
-- The steps that stay behind an invoice in its next cycle.
insert into step_record (invoice_id, cycle, step, tenant_id, outcome, at, message_id)
select s.invoice_id, s.cycle + 1, s.step, s.tenant_id, s.outcome, s.at, s.message_id from step_record s
where s.invoice_id = $1 and s.cycle = $2 and s.step <> all(sqlc.arg(dropped)::text[])
on conflict do nothing;

-- name: AddDecision :exec
insert into decision (tenant_id, invoice_id, debtor_id, step, outcome, rule, reason, at, facts) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: LastDecision :one
select outcome, rule, reason, step from decision where invoice_id = $1 order by id desc limit 1;

-- name: Decisions :many
select * from decision where invoice_id = $1 order by id;

-- name: AddHold :exec
insert into hold (id, tenant_id, scope, scope_id, reason, note, until, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: ReleaseHold :one
update hold set released_at = $2, released_by = $3 where id = $1 and released_at is null returning *;

-- name: ReleaseHolds :many
update hold set released_at = sqlc.arg(at), released_by = sqlc.arg(by_whom)
where scope = sqlc.arg(scope) and scope_id = sqlc.arg(scope_id) and reason = sqlc.arg(reason) and released_at is null returning id;

-- name: Hold :one
select * from hold where id = $1;

-- name: InvoicesInScope :many
select c.invoice_id from collection c
where c.phase <> 'closed' and (c.invoice_id = sqlc.arg(scope_id)::uuid or c.debtor_id = sqlc.arg(scope_id)::uuid or c.administration_id = sqlc.arg(scope_id)::uuid);

-- name: HeldByRule :many
select invoice_id from collection where administration_id = $1 and held_rule = any(sqlc.arg(rules)::text[]) and phase <> 'closed';

-- name: UnplannedInvoices :many
select i.id from invoice i left join collection c on c.invoice_id = i.id
where i.administration_id = $1 and i.status = 'open' and i.gone_at is null and i.kind = 'invoice' and c.invoice_id is null
  and i.id > sqlc.arg(after)::uuid
order by i.id limit sqlc.arg(most);

-- name: DraftMessage :execrows
-- A message that never left is written anew; one that did is left alone.
insert into message (id, tenant_id, administration_id, debtor_id, step, cycle, invoice_set, channel, state, language, template, recipient,
  subject, body_text, body_html, header_id, in_reply_to, case_number, created_at, asks, demands)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'gated', $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
on conflict (id) do update set state = 'gated', language = excluded.language, template = excluded.template, recipient = excluded.recipient,
  subject = excluded.subject, body_text = excluded.body_text, body_html = excluded.body_html, in_reply_to = excluded.in_reply_to,
  case_number = excluded.case_number, created_at = excluded.created_at
where message.state in ('gated', 'failed', 'dropped');

-- name: MessagesOpenFor :many
select m.* from message m join message_invoice mi on mi.message_id = m.id
where mi.invoice_id = $1 and m.state in ('gated', 'handing_over', 'uncertain');

-- name: AddMessageInvoice :exec
insert into message_invoice (message_id, invoice_id, tenant_id, role, step, currency, open_minor, due) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing;

-- name: DropMessageInvoices :exec
delete from message_invoice where message_id = $1;

-- name: MessageInvoices :many
select * from message_invoice where message_id = any(sqlc.arg(ids)::uuid[]);

-- name: Message :one
select * from message where id = $1;

-- name: MessagesOfInvoice :many
select m.* from message m join message_invoice mi on mi.message_id = m.id where mi.invoice_id = $1 order by m.created_at;

-- name: MarkHandingOver :execrows
update message set state = 'handing_over', handed_over_at = $2, attempts = attempts + 1 where id = $1 and state in ('gated', 'failed');

-- name: MarkSent :exec
update message set state = 'sent', sent_at = $2, delivery = $3, evidence = $4 where id = $1;

-- name: MarkGated :exec
update message set state = 'gated', last_error = $2 where id = $1;

-- name: DropDrafts :exec
-- Messages that never left and now never will: nothing they asked is owed.
update message m set state = 'dropped' from message_invoice mi
where mi.message_id = m.id and mi.invoice_id = $1 and mi.role = 'demanded' and m.state = 'gated'
  and not exists (
    select 1 from message_invoice o join collection c on c.invoice_id = o.invoice_id
    where o.message_id = m.id and o.role = 'demanded' and o.invoice_id <> $1 and c.phase <> 'closed');

-- name: DropOtherDrafts :exec
-- Earlier attempts that another message took the place of.
update message m set state = 'dropped' from message_invoice mi
where mi.message_id = m.id and mi.invoice_id = any(sqlc.arg(invoices)::uuid[]) and mi.role = 'demanded' and m.state = 'gated'
  and m.id <> all(sqlc.arg(but)::uuid[]);

-- name: MarkFailed :exec
update message set state = $2, last_error = $3 where id = $1;

-- name: MarkBounced :one
update message set delivery = $2, evidence = evidence || $3 where id = $1 returning *;

-- name: BlockAddress :exec
insert into blocked_address (tenant_id, debtor_id, channel, address, reason, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- name: ThreadOf :many
select header_id from message where debtor_id = $1 and channel = 'email' and state = 'sent' order by created_at limit 50;

-- name: FileReply :execrows
insert into correspondence (id, tenant_id, debtor_id, invoice_id, direction, channel, author, subject, body, raw, header_id, at, handled_at)
values ($1, $2, $3, $4, 'in', 'email', $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant_id, header_id) where header_id <> '' do nothing;

-- name: CaseDisputes :many
select d.*, i.number from dispute d join invoice i on i.id = d.invoice_id
where d.invoice_id = any(sqlc.arg(invoices)::uuid[]) order by d.opened_at;

-- name: AddCorrespondence :exec
insert into correspondence (id, tenant_id, debtor_id, invoice_id, direction, channel, author, subject, body, raw, header_id, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (tenant_id, header_id) where header_id <> '' do nothing;

-- name: HandleCorrespondence :exec
update correspondence set handled_at = $2, handled_by = $3 where debtor_id = $1 and direction = 'in' and handled_at is null;

-- name: CorrespondenceOf :many
select id, debtor_id, invoice_id, direction, channel, author, subject, body, at, handled_at from correspondence where debtor_id = $1 order by at;

-- name: AddDispute :exec
insert into dispute (id, tenant_id, invoice_id, debtor_id, reason, note, currency, amount_minor, state, opened_at, deadline)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10);

-- name: DisputesOf :many
select * from dispute where invoice_id = $1 order by opened_at;

-- name: AddTask :exec
insert into task (id, tenant_id, administration_id, kind, subject_id, title, detail, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, kind, subject_id) where done_at is null do nothing;

-- name: FinishTask :exec
update task set done_at = $2, done_by = $3 where id = $1;

-- name: FinishTasks :exec
update task set done_at = sqlc.arg(at)::timestamptz, done_by = sqlc.arg(by_whom)::text where kind = $1 and subject_id = $2 and done_at is null;

-- name: FinishGateTasks :exec
-- What stood in the way of a step is over once it went out.
update task set done_at = sqlc.arg(at)::timestamptz, done_by = 'voldaan'
where subject_id = any(sqlc.arg(invoices)::uuid[]) and done_at is null
  and kind in ('document_missing', 'apply_credit', 'no_address', 'unread_message', 'provisional_figure', 'approval');

-- name: OpenTasks :many
select * from task where done_at is null order by created_at desc limit 200;

-- name: AddNotice :exec
insert into notice (id, tenant_id, administration_id, debtor_id, message_id, posted_on, received_on, term_last_day, costs_from, currency, principal_minor, costs_minor, provisional)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: AddNoticeInvoice :exec
insert into notice_invoice (notice_id, invoice_id, tenant_id, principal_minor) values ($1, $2, $3, $4);

-- name: VoidNotice :exec
update notice set void_at = $2, void_why = $3 where id = $1 and void_at is null;

-- name: AddCase :exec
insert into collection_case (id, tenant_id, administration_id, debtor_id, number, state, currency, notice_id, opened_at)
values ($1, $2, $3, $4, $5, 'open', $6, $7, $8);

-- name: AddCaseInvoice :exec
-- With what the sub-ledger compares the books to later: the total, what is gone
-- of it without a payment on record, and what of that by credit notes.
insert into case_invoice (case_id, invoice_id, tenant_id, principal_minor, interest_from, total_minor, otherwise_minor, credited_minor)
select sqlc.arg(case_id)::uuid, i.id, sqlc.arg(tenant_id)::uuid, sqlc.arg(principal_minor)::bigint, sqlc.arg(interest_from)::date, i.total_minor, i.total_minor - i.open_minor - coalesce((
    select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
    where a.invoice_id = i.id and a.kind = 'principal' and a.method <> 'statute' and a.reversed_at is null and a.reflected_at is not null and p.state = 'booked'), 0),
  coalesce((
    select sum(abs(n.total_minor) - abs(n.open_minor)) from invoice n
    where n.administration_id = i.administration_id and n.kind = 'credit_note' and n.credits <> '' and n.credits in (i.external_id, i.number)
      and n.status in ('open', 'paid') and n.gone_at is null), 0)
from invoice i where i.id = sqlc.arg(invoice_id)::uuid on conflict do nothing;

-- name: AddClaimEntry :exec
insert into claim_entry (tenant_id, case_id, invoice_id, kind, amount_minor, currency, through, calculation, provisional, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: SetCaseState :exec
update collection_case set state = $2, closed_at = $3, closed_why = $4 where id = $1;

-- name: CaseByID :one
select * from collection_case where id = $1;

-- name: Cases :many
select * from collection_case order by opened_at desc limit 200;

-- name: CaseInvoices :many
select ci.*, i.number, i.due, i.issued, i.total_minor, i.open_minor, i.currency from case_invoice ci join invoice i on i.id = ci.invoice_id where ci.case_id = $1 and ci.left_at is null order by i.due;

-- name: ClaimEntries :many
select * from claim_entry where case_id = $1 order by id;

-- name: NextNumber :one
insert into counter (tenant_id, name, value) values ($1, $2, 1)
on conflict (tenant_id, name) do update set value = counter.value + 1
returning value;

-- name: DoorClaimStarts :many
select invoice_id::uuid, tenant_id::uuid, administration_id::uuid from door_claim_starts(sqlc.arg(most)::int, sqlc.arg(lease)::interval);

-- name: StartInput :one
select c.*, i.number, i.currency, i.open_minor, a.slug as tenant_slug, n.connector
from collection c join invoice i on i.id = c.invoice_id
join tenant a on a.id = c.tenant_id
join administration m on m.id = c.administration_id
left join connection n on n.id = m.connection_id
where c.invoice_id = $1;

-- name: AddPortalAccess :exec
insert into portal_access (token_hash, tenant_id, debtor_id, created_at, expires_at) values ($1, $2, $3, $4, $5) on conflict do nothing;

-- name: StepsToRedo :many
-- The steps that came to nothing with a message, unless a later one reached the
-- debtor or the same step went by another way as well.
select s.invoice_id, s.step from step_record s join collection c on c.invoice_id = s.invoice_id and c.cycle = s.cycle
where s.message_id = sqlc.arg(message_id)::uuid and s.outcome in ('sent', 'merged')
  and not exists (select 1 from step_record l where l.invoice_id = s.invoice_id and l.cycle = s.cycle and l.outcome in ('sent', 'merged') and l.at > s.at)
  and not exists (
    select 1 from message m join message o on o.debtor_id = m.debtor_id and o.step = m.step and o.invoice_set = m.invoice_set and o.cycle = m.cycle
    where m.id = sqlc.arg(message_id)::uuid and o.id <> m.id and o.state = 'sent' and o.delivery not in ('bounced', 'failed', 'returned'));

-- name: FigureApprovals :many
select figure, value, why, source, approved_by, approved_at from figure_approval order by approved_at desc, figure, value;

-- name: ApproveFigure :execrows
insert into figure_approval (tenant_id, figure, value, why, source, approved_by, approved_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing;

-- name: HeldForFigures :many
select invoice_id, debtor_id, next_step from collection where held_rule = 'provisional_figure' and phase <> 'closed' order by debtor_id, invoice_id;

-- name: FinishFigureTasks :exec
-- Of invoices that do not wait for a figure any more.
update task set done_at = sqlc.arg(at)::timestamptz, done_by = sqlc.arg(by_whom)::text
where kind = 'provisional_figure' and done_at is null
  and not exists (select 1 from collection c where c.invoice_id = task.subject_id and c.held_rule = 'provisional_figure' and c.phase <> 'closed');
