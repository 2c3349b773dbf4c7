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
