-- What people decide about disputes and bank lines.

-- name: Dispute :one
select * from dispute where id = $1;

-- name: ResolveDispute :execrows
update dispute set state = $2, resolved_at = $3, resolution = $4 where id = $1 and state = 'open';

-- name: GiveTerm :exec
-- Nothing follows before a day, unless it is later already.
update collection set not_before = greatest(not_before, sqlc.arg(day)::date), not_before_rule = sqlc.arg(rule)::text
where invoice_id = $1 and phase <> 'closed' and (not_before is null or not_before < sqlc.arg(day)::date);

-- name: LockBankLine :one
select l.*, s.administration_id from bank_line l join bank_statement s on s.id = l.statement_id where l.id = $1 for update of l;

-- name: InvoiceByNumber :many
select * from invoice where administration_id = $1 and lower(number) = lower(sqlc.arg(number)::text) and gone_at is null and kind = 'invoice' order by status = 'open' desc, issued desc limit 2;
