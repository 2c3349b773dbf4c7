-- name: ClaimDisputes :many
-- What of the invoices of a case is in dispute, and since when.
select invoice_id, amount_minor, opened_at from dispute where invoice_id = any(sqlc.arg(invoices)::uuid[]) and state = 'open';

-- name: HandoverObstacles :many
-- Why a case should not go to a bailiff now: holds in force on what it is about,
-- and what the debtor wrote that nobody has read.
select h.reason, h.note from hold h
where h.scope_id = any(sqlc.arg(scopes)::uuid[]) and h.released_at is null and (h.until is null or h.until > sqlc.arg(at)::timestamptz)
union all
select 'disputed', '' from dispute d where d.invoice_id = any(sqlc.arg(scopes)::uuid[]) and d.state = 'open'
union all
select 'unread', '' from correspondence c where c.debtor_id = sqlc.arg(debtor)::uuid and c.direction = 'in' and c.handled_at is null;

-- name: MessagesAbout :many
-- Which of the invoices each message is about.
select message_id, invoice_id from message_invoice where invoice_id = any(sqlc.arg(invoices)::uuid[]);

-- name: OpenCasesOfDebtor :many
select id from collection_case where debtor_id = $1 and state <> 'closed' order by id;

-- name: TasksPage :many
-- A page of the work that waits for a person, the newest first.
select * from task where done_at is null and (sqlc.arg(kind)::text = '' or kind = sqlc.arg(kind)::text)
  and (sqlc.narg(before_at)::timestamptz is null or (created_at, id) < (sqlc.narg(before_at)::timestamptz, sqlc.arg(before_id)::uuid))
order by created_at desc, id desc limit sqlc.arg(most)::int;

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
