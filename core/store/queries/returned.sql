-- What came back of e-mails.

-- name: SoftBounces :one
-- Attempts at the steps of an e-mail that a mailbox did not take for now, the
-- e-mail among them, and when the first was.
select count(distinct o.id) as attempts, coalesce(min(o.sent_at), now())::timestamptz as first
from message m
join message_invoice mi on mi.message_id = m.id and mi.role = 'demanded'
join message_invoice oi on oi.invoice_id = mi.invoice_id and oi.role = 'demanded' and oi.step = mi.step
join message o on o.id = oi.message_id and o.channel = 'email' and o.delivery = 'soft_bounced' and o.recipient = m.recipient
where m.id = $1 and o.sent_at > m.sent_at - interval '5 days';

-- name: LedgerReturned :many
-- The steps whose e-mail came back for good, and from which address.
select mi.invoice_id, mi.step, m.recipient
from message m join message_invoice mi on mi.message_id = m.id
where m.debtor_id = any(sqlc.arg(debtors)::uuid[]) and m.channel = 'email' and m.delivery = 'bounced' and mi.role = 'demanded';
