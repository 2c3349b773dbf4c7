-- name: ReferenceRates :many
-- Between two days, newest first.
select * from exchange_rate where kind = 'reference' and rate_on between sqlc.arg(first)::date and sqlc.arg(last)::date order by rate_on desc, base, quote;

-- name: LatestReferenceRates :many
select * from exchange_rate where kind = 'reference' order by rate_on desc, base, quote limit sqlc.arg(most)::int;

-- name: RatesOf :many
-- What is fixed for invoices, notices and cases.
select * from exchange_rate where kind <> 'reference' and subject_id = any(sqlc.arg(subjects)::uuid[]);

-- name: PutRate :exec
insert into exchange_rate (tenant_id, kind, subject_id, base, quote, units, rate_on, source, given_by, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant_id, kind, subject_id, base, quote, rate_on) do update set units = excluded.units, source = excluded.source, given_by = excluded.given_by, at = excluded.at;

-- name: DropInvoiceRates :exec
-- A rate for one invoice replaces the one before.
delete from exchange_rate where kind = 'invoice' and subject_id = $1;

-- name: FixRate :exec
-- What was computed with once stays (R123).
insert into exchange_rate (tenant_id, kind, subject_id, base, quote, units, rate_on, source, given_by, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing;

-- name: WaitForRate :many
-- Invoices that a person is asked a rate for.
select t.subject_id from task t where t.kind = 'rate_missing' and t.done_at is null;

-- name: FinishRateTasks :exec
-- Of invoices that are not held for want of a rate any more.
update task set done_at = sqlc.arg(at)::timestamptz, done_by = sqlc.arg(by_whom)::text
where kind = 'rate_missing' and done_at is null
  and not exists (select 1 from collection c where c.invoice_id = task.subject_id and c.held_rule = 'R95' and c.phase <> 'closed');
