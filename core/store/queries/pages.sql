-- What the pages and the API read. Nothing here writes.

-- name: WaitingThreads :one
select count(distinct debtor_id) from correspondence where direction = 'in' and handled_at is null;

-- name: OpenSums :many
-- What is open and what of it is overdue, per currency, the largest first.
select i.currency, count(*)::bigint as invoices, sum(i.open_minor - coalesce(r.received, 0))::bigint as open,
  count(*) filter (where i.due < sqlc.arg(today)::date)::bigint as overdue_invoices,
  coalesce(sum(i.open_minor - coalesce(r.received, 0)) filter (where i.due < sqlc.arg(today)::date), 0)::bigint as overdue
from invoice i left join (
  select a.invoice_id, sum(a.amount_minor) as received from allocation a join payment p on p.id = a.payment_id
  where a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal' group by a.invoice_id) r on r.invoice_id = i.id
where i.status = 'open' and i.gone_at is null and i.kind = 'invoice' and i.open_minor - coalesce(r.received, 0) > 0
group by i.currency order by open desc;

-- name: Aging :many
-- Open amounts by days late: not due, 1-30, 31-60, 61-90, 91-120, more.
select (case when i.due >= sqlc.arg(today)::date then 0 else least(5, (sqlc.arg(today)::date - i.due - 1) / 30 + 1) end)::int as bucket,
  count(*)::bigint as invoices, sum(i.open_minor - coalesce(got.amount, 0))::bigint as open
from invoice i
left join lateral (
  select sum(a.amount_minor) as amount from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and a.kind = 'principal' and p.state = 'booked') got on true
where i.status = 'open' and i.gone_at is null and i.kind = 'invoice' and i.currency = sqlc.arg(currency) and i.open_minor > coalesce(got.amount, 0)
group by bucket order by bucket;

-- name: PhaseSums :many
select c.phase, count(*)::bigint as invoices, sum(i.open_minor - coalesce(got.amount, 0))::bigint as open
from collection c join invoice i on i.id = c.invoice_id
left join lateral (
  select sum(a.amount_minor) as amount from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and a.kind = 'principal' and p.state = 'booked') got on true
where c.phase <> 'closed' and i.currency = sqlc.arg(currency)
group by c.phase;

-- name: OpenCourse :many
-- What was open at the end of each of the last weeks. A payment counts from its
-- value date; an invoice that is settled, from the day that settled it.
with event as (
  select i.issued as day, i.total_minor as delta from invoice i
  where i.kind = 'invoice' and i.status <> 'draft' and i.gone_at is null and i.currency = sqlc.arg(currency)
  union all
  select greatest(i.issued, coalesce(c.closed_on, i.changed_at::date)), -i.total_minor from invoice i left join collection c on c.invoice_id = i.id
  where i.kind = 'invoice' and i.status not in ('draft', 'open') and i.gone_at is null and i.currency = sqlc.arg(currency)
  union all
  select coalesce(p.value_date, p.seen_at::date), -a.amount_minor from allocation a join payment p on p.id = a.payment_id join invoice i on i.id = a.invoice_id
  where a.reversed_at is null and a.kind = 'principal' and p.state = 'booked' and i.status = 'open' and i.gone_at is null and i.currency = sqlc.arg(currency)
), daily as materialized (select day, sum(delta) as delta from event group by day)
select w::date as day, coalesce((select sum(d.delta) from daily d where d.day <= w::date), 0)::bigint as open
from generate_series(sqlc.arg(first)::date, sqlc.arg(last)::date, interval '7 days') w order by w;

-- name: ReceivedSince :one
select count(*)::bigint as payments, coalesce(sum(amount_minor), 0)::bigint as amount from payment
where state = 'booked' and currency = sqlc.arg(currency) and coalesce(value_date, seen_at::date) >= sqlc.arg(since)::date;

-- name: PlannedSends :many
select (c.next_at at time zone sqlc.arg(zone)::text)::date as day, c.next_step, c.flow, count(*)::bigint as invoices
from collection c
where c.phase <> 'closed' and c.held_rule = '' and c.next_at >= sqlc.arg(since)::timestamptz and c.next_at < sqlc.arg(before)::timestamptz
group by 1, 2, 3 order by 1, 4 desc;

-- name: TaskKinds :many
select kind, count(*)::bigint as tasks, max(created_at)::timestamptz as newest, min(created_at)::timestamptz as oldest,
  (array_agg(title order by created_at desc))[1]::text as title, (array_agg(subject_id order by created_at desc))[1]::uuid as subject_id
from task where done_at is null group by kind order by count(*) desc;

-- name: OldestWaiting :one
select min(at)::timestamptz from correspondence where direction = 'in' and handled_at is null;

-- name: Freshness :many
select a.id, a.name, a.connection_id, a.confirmed_at, a.freshness, a.go_live_on, coalesce(c.title, '')::text as source, coalesce(c.state, '')::text as state,
  coalesce(c.state_reason, '')::text as state_reason, coalesce(r.state, '')::text as run_state, coalesce(r.problem, '')::text as problem, r.next_try_at, r.finished_at
from administration a
left join connection c on c.id = a.connection_id
left join lateral (select * from sync_run r where r.administration_id = a.id order by r.started_at desc limit 1) r on true
where coalesce(c.state, '') <> 'removed'
order by a.name;

-- name: HoldsIn :many
-- All holds on an invoice, its debtor and its administration, also ended ones.
select * from hold where scope_id = any(sqlc.arg(scopes)::uuid[]) order by created_at;

-- name: MessageAmounts :many
select message_id, currency, sum(open_minor)::bigint as asked, count(*)::bigint as invoices from message_invoice
where message_id = any(sqlc.arg(ids)::uuid[]) and role = 'demanded' group by message_id, currency;

-- name: TasksOn :many
select * from task where subject_id = any(sqlc.arg(subjects)::uuid[]) and done_at is null order by created_at;

-- name: CaseOfInvoice :one
select c.* from collection_case c join case_invoice ci on ci.case_id = c.id where ci.invoice_id = $1 order by c.opened_at desc limit 1;

-- name: CaseSums :many
select kind, sum(amount_minor)::bigint as amount, bool_or(provisional)::boolean as provisional from claim_entry where case_id = $1 group by kind;

-- name: OtherOpen :one
select count(*) from invoice where debtor_id = $1 and id <> $2 and status = 'open' and gone_at is null and kind = 'invoice';

-- name: PendingCheckouts :many
select ci.invoice_id, c.id, c.state, c.created_at, ci.amount_minor, c.currency from checkout c join checkout_invoice ci on ci.checkout_id = c.id
where c.debtor_id = $1 and c.state = 'pending' order by c.created_at;

-- name: OpenDisputes :many
select invoice_id from dispute where debtor_id = $1 and state = 'open';

-- name: SettledOn :many
-- The value date of the last payment on each of a debtor's invoices.
select a.invoice_id, max(coalesce(p.value_date, p.seen_at::date))::date as on_day
from allocation a join payment p on p.id = a.payment_id join invoice i on i.id = a.invoice_id
where i.debtor_id = $1 and a.reversed_at is null and p.state = 'booked' group by a.invoice_id;

-- name: CreditOf :many
select p.currency, sum(p.amount_minor - coalesce(used.amount, 0))::bigint as amount
from payment p left join lateral (
  select sum(a.amount_minor) as amount from allocation a where a.payment_id = p.id and a.reversed_at is null) used on true
where p.debtor_id = $1 and p.state = 'booked' and p.source <> 'books'
group by p.currency;

-- name: LastMessageTo :one
select * from message where debtor_id = $1 and state = 'sent' order by created_at desc limit 1;

-- name: FindDebtors :many
select id, name, city from debtor where gone_at is null and not exists (select 1 from erasure e where e.debtor_id = debtor.id and e.state <> 'withdrawn') and (name ilike sqlc.arg(pattern)::text or email ilike sqlc.arg(pattern)::text)
order by name limit sqlc.arg(most);

-- name: FindCases :many
select c.id, c.number, coalesce(d.name, '')::text as name from collection_case c left join debtor d on d.id = c.debtor_id
where c.number ilike sqlc.arg(pattern)::text or d.name ilike sqlc.arg(pattern)::text order by c.opened_at desc limit sqlc.arg(most);

-- name: Threads :many
-- The last message of each debtor who wrote; the oldest that waits is on top.
-- The place is the same order as one number, so that pages follow on each other.
select t.debtor_id, coalesce(d.name, '')::text as name, t.at, t.body, t.subject, coalesce(i.number, '')::text as number, t.waiting, t.disputed, t.place from (
  select l.*, (case when l.waiting then 0 else 9000000000000000000 end
    + (case when l.waiting then 1 else -1 end) * (extract(epoch from l.at) * 1000000)::bigint)::bigint as place from (
    select distinct on (c.debtor_id) c.debtor_id, c.at, c.body, c.subject, c.invoice_id,
      exists (select 1 from correspondence w where w.debtor_id = c.debtor_id and w.direction = 'in' and w.handled_at is null)::boolean as waiting,
      exists (select 1 from dispute p where p.debtor_id = c.debtor_id and p.state = 'open')::boolean as disputed
    from correspondence c where c.direction = 'in' order by c.debtor_id, c.at desc) l) t
left join debtor d on d.id = t.debtor_id
left join invoice i on i.id = t.invoice_id
where case sqlc.arg(tab)::text when 'answered' then not t.waiting and not t.disputed when 'disputes' then t.disputed else t.waiting end
  and (sqlc.narg(from_place)::bigint is null
    or case when sqlc.arg(back)::boolean then (t.place, t.debtor_id) < (sqlc.narg(from_place)::bigint, sqlc.arg(from_id)::uuid)
       else (t.place, t.debtor_id) > (sqlc.narg(from_place)::bigint, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then t.place end desc, case when sqlc.arg(back)::boolean then t.debtor_id end desc, t.place, t.debtor_id
limit sqlc.arg(most);

-- name: ThreadCounts :one
select (select count(distinct c.debtor_id) from correspondence c where c.direction = 'in' and c.handled_at is null)::bigint as waiting,
  (select count(distinct p.debtor_id) from dispute p where p.state = 'open')::bigint as disputes;

-- name: DisputesOfDebtor :many
select * from dispute where debtor_id = $1 order by opened_at desc;

-- name: DebtorOpen :many
-- A debtor's open invoices, the most overdue first.
select i.id, i.number, i.currency, i.open_minor, coalesce(c.phase, '')::text as phase, i.status, (i.sent_at is not null)::boolean as source_sent
from invoice i left join collection c on c.invoice_id = i.id
where i.debtor_id = $1 and i.status = 'open' and i.gone_at is null and i.kind = 'invoice' order by i.due limit 50;

-- name: Statements :many
select s.*, a.name as administration, (select count(*) from bank_line l where l.statement_id = s.id)::bigint as lines,
  (select count(*) from bank_line l where l.statement_id = s.id and l.state in ('suggested', 'unmatched', 'reversal'))::bigint as waiting,
  (select min(l.value_date) from bank_line l where l.statement_id = s.id)::date as first_day
from bank_statement s join administration a on a.id = s.administration_id order by s.day desc, s.imported_at desc limit 60;

-- name: LinesIn :many
-- Newest first; with back, the page before a place, nearest first.
select l.*, s.administration_id from bank_line l join bank_statement s on s.id = l.statement_id
where l.state = any(sqlc.arg(states)::text[]) and (sqlc.narg(statement)::uuid is null or l.statement_id = sqlc.narg(statement)::uuid)
  and (sqlc.narg(from_day)::date is null
    or case when sqlc.arg(back)::boolean then (l.value_date, l.id) > (sqlc.narg(from_day)::date, sqlc.arg(from_id)::uuid)
       else (l.value_date, l.id) < (sqlc.narg(from_day)::date, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then l.value_date end, case when sqlc.arg(back)::boolean then l.id end, l.value_date desc, l.id desc
limit sqlc.arg(most);

-- name: LineCounts :many
select l.state, count(*)::bigint as lines from bank_line l
where sqlc.narg(statement)::uuid is null or l.statement_id = sqlc.narg(statement)::uuid group by l.state;

-- name: CaseList :many
select c.*, coalesce(d.name, '')::text as debtor, coalesce(d.kind, '')::text as kind,
  (select coalesce(sum(i.open_minor), 0) from case_invoice ci join invoice i on i.id = ci.invoice_id where ci.case_id = c.id and i.status = 'open')::bigint as principal,
  (select coalesce(sum(e.amount_minor), 0) from claim_entry e where e.case_id = c.id)::bigint as charges,
  coalesce(n.next_step, '')::text as next_step, coalesce(n.flow, '')::text as flow, n.next_at
from collection_case c left join debtor d on d.id = c.debtor_id
left join lateral (
  select k.next_step, k.flow, k.next_at from collection k join case_invoice ci on ci.invoice_id = k.invoice_id
  where ci.case_id = c.id and k.phase <> 'closed' order by k.next_at nulls last limit 1) n on true
where case when cardinality(sqlc.arg(states)::text[]) = 0 then (c.state = 'closed') = sqlc.arg(closed)::boolean else c.state = any(sqlc.arg(states)::text[]) end
  and (sqlc.narg(debtor_id)::uuid is null or c.debtor_id = sqlc.narg(debtor_id)::uuid)
  and (sqlc.arg(search)::text = '' or position(lower(sqlc.arg(search)::text) in lower(c.number || ' ' || coalesce(d.name, ''))) > 0
    or exists (select 1 from case_invoice ci join invoice i on i.id = ci.invoice_id where ci.case_id = c.id and lower(i.number) = lower(sqlc.arg(search)::text)))
  and (sqlc.narg(from_at)::timestamptz is null
    or case when sqlc.arg(back)::boolean then (c.opened_at, c.id) > (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid)
       else (c.opened_at, c.id) < (sqlc.narg(from_at)::timestamptz, sqlc.arg(from_id)::uuid) end)
order by case when sqlc.arg(back)::boolean then c.opened_at end, case when sqlc.arg(back)::boolean then c.id end, c.opened_at desc, c.id desc
limit sqlc.arg(most);

-- name: CaseCounts :one
select count(*) filter (where state <> 'closed')::bigint as open, count(*) filter (where state = 'closed')::bigint as closed from collection_case;

-- name: Notice :one
select * from notice where id = $1;

-- name: NoticesOfInvoices :many
select distinct n.* from notice n join notice_invoice ni on ni.notice_id = n.id where ni.invoice_id = any(sqlc.arg(invoices)::uuid[]) order by n.posted_on desc;

-- name: PaymentsOfInvoices :many
select a.invoice_id, p.source, p.value_date, p.seen_at, a.amount_minor, i.number, i.currency
from allocation a join payment p on p.id = a.payment_id join invoice i on i.id = a.invoice_id
where a.invoice_id = any(sqlc.arg(invoices)::uuid[]) and a.reversed_at is null and p.state = 'booked' and a.kind = 'principal' and a.method <> 'statute' order by p.seen_at;

-- name: MessagesOfInvoices :many
select distinct m.* from message m join message_invoice mi on mi.message_id = m.id
where mi.invoice_id = any(sqlc.arg(invoices)::uuid[]) and m.state in ('sent', 'uncertain') order by m.created_at;

-- name: Candidates :many
select i.id, i.number, coalesce(d.name, '')::text as debtor, i.currency, i.open_minor from invoice i left join debtor d on d.id = i.debtor_id
where i.id = any(sqlc.arg(ids)::uuid[]);

-- name: TasksPage :many
-- A page of the work that waits for a person, the newest first.
select * from task where done_at is null and (sqlc.arg(kind)::text = '' or kind = sqlc.arg(kind)::text)
  and (sqlc.narg(before_at)::timestamptz is null or (created_at, id) < (sqlc.narg(before_at)::timestamptz, sqlc.arg(before_id)::uuid))
order by created_at desc, id desc limit sqlc.arg(most)::int;
