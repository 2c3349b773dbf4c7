-- name: DescribeNotice :exec
update notice set law = $2, kind = $3, step = $4, channel = $5, language = $6 where id = $1;

-- name: VoidMailedNotice :exec
-- A notice that went by e-mail alone and came back: its term never started (R56).
update notice set void_at = sqlc.arg(at), void_why = sqlc.arg(why) where message_id = sqlc.arg(message) and channel = 'email' and void_at is null;

-- name: SetLaw :exec
update administration set law_country = $2, due_agreed = $3, costs_clause = $4, agreed_rate_business = $5, agreed_rate_consumer = $6,
  invoice_notices = $7, supplies = $8, recurring_supply = $9, reminder_fee_minor = $10
where id = $1;

-- name: OpenInvoicesIn :many
select id from invoice where administration_id = $1 and status = 'open' and gone_at is null;

-- name: SetCaseLaw :exec
-- The law of a case and what the terms said when it was opened.
update collection_case set law = $2, terms_costs_clause = sqlc.arg(costs_clause)::boolean, terms_agreed_rate = sqlc.arg(agreed_rate)::text where id = $1;
