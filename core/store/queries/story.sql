-- name: StoryInvoice :one
-- What became of an invoice, in one row: for demonstrations and support.
select c.phase, c.held_rule, c.closed_why,
  coalesce((select string_agg(s.step, ' ' order by s.at) from step_record s where s.invoice_id = i.id and s.outcome in ('sent', 'by_hand', 'done')), '')::text as sent,
  coalesce((select string_agg(distinct d.kind, ' ') from document d
    where d.subject_id = i.id
       or d.subject_id in (select mi.message_id from message_invoice mi where mi.invoice_id = i.id)
       or d.subject_id in (select ci.case_id from case_invoice ci where ci.invoice_id = i.id)), '')::text as files,
  coalesce((select sum(e.amount_minor) from claim_entry e join case_invoice ci on ci.case_id = e.case_id where ci.invoice_id = i.id and e.kind in ('costs', 'costs_vat')), 0)::bigint as costs,
  coalesce((select sum(e.amount_minor) from claim_entry e where e.invoice_id = i.id and e.kind = 'interest'), 0)::bigint as interest
from invoice i join collection c on c.invoice_id = i.id
where i.number = $1;

-- name: StoryDebits :many
select d.state from debit d join debit_invoice di on di.debit_id = d.id where di.invoice_id = $1 order by d.created_at;
