-- name: InvoicesToTry :many
-- Open invoices that a text can be tried on, the most overdue of each debtor.
select id, number, debtor_name from (
  select distinct on (i.debtor_id) i.id, i.number, i.due, d.name as debtor_name
  from invoice i join debtor d on d.id = i.debtor_id
  where i.administration_id = $1 and i.status = 'open' and i.kind = 'invoice' and i.gone_at is null and i.open_minor > 0
  order by i.debtor_id, i.due
  limit 2000) t order by t.due limit 25;
