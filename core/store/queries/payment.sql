-- name: PutPayment :one
insert into payment (id, tenant_id, administration_id, debtor_id, source, external_id, state, currency, amount_minor, value_date, reference, counter_name, counter_iban, seen_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
on conflict (administration_id, source, external_id) do update set state = excluded.state, value_date = excluded.value_date, updated_at = excluded.updated_at,
  debtor_id = coalesce(payment.debtor_id, excluded.debtor_id)
  where payment.state <> excluded.state or payment.debtor_id is null
returning id, (xmax = 0)::boolean as added;

-- name: PaymentsSeen :many
select p.external_id from payment p where p.administration_id = $1 and p.source = 'books' and p.state = 'booked' and p.external_id = any(sqlc.arg(ids)::text[])
union
select a.books_id from allocation a join payment p on p.id = a.payment_id
where p.administration_id = $1 and a.books_id = any(sqlc.arg(ids)::text[]);

-- name: ReflectAllocation :execrows
-- A payment in the books that is one of ours, of the same invoice and amount:
-- the write-back or its reference names it, the bank gave both the same value
-- date, a bailiff handed it on later and is named with it, or the books have no
-- room for both.
update allocation set reflected_at = sqlc.arg(at)::timestamptz, books_id = sqlc.arg(books_id)::text
where id = (
  select a.id from allocation a join payment p on p.id = a.payment_id join invoice i on i.id = a.invoice_id
  left join write_back w on w.payment_id = p.id and w.invoice_id = a.invoice_id
  where a.invoice_id = sqlc.arg(invoice_id)::uuid and a.reflected_at is null and a.reversed_at is null and a.method <> 'statute'
    and a.amount_minor = sqlc.arg(amount)::bigint and p.source <> 'books' and p.state = 'booked'
    and (w.external_id = sqlc.arg(books_id)::text or position(p.external_id in sqlc.arg(reference)::text) > 0
      or p.source = 'bank' and p.value_date = sqlc.arg(value_date)::date
      or p.source = 'bailiff' and p.value_date <= sqlc.arg(value_date)::date and exists (
        select 1 from bailiff_note n join case_handover h on h.id = n.handover_id join bailiff b on b.id = h.bailiff_id
        where n.payment_id = p.id and exists (
          select 1 from unnest(array[n.reference, h.reference, b.name]) named where named <> '' and position(lower(named) in lower(sqlc.arg(reference)::text)) > 0))
      or i.open_minor < a.amount_minor)
  order by (w.external_id = sqlc.arg(books_id)::text) desc nulls last,
    (select n.reference <> '' and position(lower(n.reference) in lower(sqlc.arg(reference)::text)) > 0 from bailiff_note n where n.payment_id = p.id limit 1) desc nulls last, a.created_at limit 1 for update of a);

-- name: ReflectWrittenBack :many
-- Ours that came back before we knew under which id the books keep them.
with ours as (
  update allocation a set reflected_at = sqlc.arg(at)::timestamptz, books_id = w.external_id
  from write_back w
  where w.administration_id = sqlc.arg(administration_id)::uuid and w.external_id = any(sqlc.arg(ids)::text[]) and w.external_id <> ''
    and a.payment_id = w.payment_id and a.invoice_id = w.invoice_id and a.reflected_at is null and a.reversed_at is null and a.method <> 'statute'
  returning a.invoice_id, a.books_id),
twins as (
  update allocation a set reversed_at = sqlc.arg(at)::timestamptz from ours, payment p
  where p.administration_id = sqlc.arg(administration_id)::uuid and p.source = 'books' and p.external_id = ours.books_id
    and a.payment_id = p.id and a.reversed_at is null
  returning a.id)
select ours.invoice_id from ours left join twins on false;

-- name: BooksPaymentFor :one
-- The other way about: a payment in the books, not one of ours yet, that is the
-- money we see now.
select a.id, p.external_id from allocation a join payment p on p.id = a.payment_id join invoice i on i.id = a.invoice_id
where a.invoice_id = sqlc.arg(invoice_id)::uuid and a.amount_minor = sqlc.arg(amount)::bigint and a.reversed_at is null and a.method <> 'statute'
  and p.source = 'books' and p.state = 'booked'
  and (position(sqlc.arg(external_id)::text in p.reference) > 0
    or sqlc.arg(source)::text = 'bank' and p.value_date = sqlc.arg(value_date)::date or i.open_minor < a.amount_minor)
order by p.value_date = sqlc.arg(value_date)::date desc nulls last, a.id limit 1 for update of a;

-- name: SupersedeAllocation :exec
update allocation set reversed_at = $2 where id = $1;

-- name: Allocated :one
select coalesce(sum(amount_minor), 0)::bigint from allocation where payment_id = $1 and reversed_at is null;

-- name: ReverseBooksPayments :many
-- Payments that the books took back.
with gone as (
  update payment set state = 'reversed', updated_at = sqlc.arg(at)::timestamptz
  where administration_id = sqlc.arg(administration_id)::uuid and source = 'books' and state = 'booked' and external_id = any(sqlc.arg(ids)::text[])
  returning id)
update allocation a set reversed_at = sqlc.arg(at)::timestamptz from gone where a.payment_id = gone.id and a.reversed_at is null
returning a.invoice_id;

-- name: UnreflectAllocations :many
-- Money that we saw ourselves stays received when the books drop their entry.
update allocation a set reflected_at = null, books_id = '' from payment p
where p.id = a.payment_id and p.administration_id = sqlc.arg(administration_id)::uuid and p.source <> 'books'
  and a.books_id = any(sqlc.arg(ids)::text[]) and a.books_id <> ''
returning a.invoice_id;

-- name: AddAllocation :exec
insert into allocation (id, tenant_id, payment_id, invoice_id, kind, amount_minor, method, created_at, reflected_at, books_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (id) do update set reversed_at = null where allocation.reversed_at is not null;

-- name: ReverseAllocations :many
update allocation set reversed_at = $2 where payment_id = $1 and reversed_at is null returning invoice_id, amount_minor;

-- name: LockPayment :one
select * from payment where id = $1 for update;

-- name: SetChargedBack :exec
update payment set charged_back_minor = $2, amount_minor = $3, updated_at = $4 where id = $1;

-- name: PartsOf :many
-- What a payment settles, the last first; of the same moment, what was due last.
select a.* from allocation a left join invoice i on i.id = a.invoice_id
where a.payment_id = $1 and a.reversed_at is null order by a.created_at desc, i.due desc, a.invoice_id desc;

-- name: SetWriteBackAmount :exec
-- Only of one that nobody sent yet.
update write_back set amount_minor = $3 where payment_id = $1 and invoice_id = $2 and state = 'planned';

-- name: NoteReversed :exec
-- A payment of an invoice was undone on a day; the debtor is to be told (R26).
update collection set reversed_on = $2, reversed_minor = reversed_minor + sqlc.arg(amount)::bigint where invoice_id = $1;

-- name: ForgetReversed :exec
-- It was not undone after all, and nobody was told.
update collection set reversed_on = null, reversed_minor = 0 where invoice_id = $1;

-- name: SetPaymentState :exec
update payment set state = $2, updated_at = $3 where id = $1;

-- name: Payment :one
select * from payment where id = $1;

-- name: PaymentsOfInvoice :many
select p.*, a.amount_minor as allocated, a.method, a.kind from payment p join allocation a on a.payment_id = p.id
where a.invoice_id = $1 and a.reversed_at is null and a.method <> 'statute' order by p.seen_at;

-- name: AddCheckout :exec
insert into checkout (id, tenant_id, administration_id, debtor_id, method, state, currency, amount_minor, created_at, charges_minor) values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9);

-- name: AddCheckoutInvoice :exec
insert into checkout_invoice (checkout_id, invoice_id, tenant_id, amount_minor) values ($1, $2, $3, $4);

-- name: SetCheckoutProvider :exec
update checkout set provider_id = $2, url = $3 where id = $1;

-- name: Checkout :one
select * from checkout where id = $1;

-- name: LockCheckout :one
select * from checkout where id = $1 for update;

-- name: SetCheckoutState :exec
update checkout set state = $2, checked_at = $3, pending_since = $4 where id = $1;

-- name: CheckoutInvoices :many
select * from checkout_invoice where checkout_id = $1;

-- name: OpenCheckoutsOf :many
select distinct c.* from checkout c join checkout_invoice ci on ci.checkout_id = c.id
where ci.invoice_id = any(sqlc.arg(invoices)::uuid[]) and c.state in ('open', 'pending') and c.provider_id <> '';

-- name: StaleCheckouts :many
select * from checkout where state in ('open', 'pending') and provider_id <> '' and coalesce(checked_at, created_at) < sqlc.arg(before)::timestamptz limit 100;

-- name: AddWriteBack :exec
insert into write_back (id, tenant_id, administration_id, payment_id, invoice_id, amount_minor, currency, value_date, reference, state, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'planned', $10) on conflict do nothing;

-- name: WriteBack :one
select * from write_back where id = $1;

-- name: SetWriteBack :exec
update write_back set state = $2, external_id = $3, last_error = $4, attempts = attempts + 1, updated_at = $5 where id = $1;

-- name: OpenItems :many
select i.id, i.number, i.debtor_id, i.currency, (i.open_minor - coalesce((
    select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
    where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal'), 0))::bigint as open, i.due, i.issued, i.payment_reference, d.name as debtor_name, d.iban as debtor_iban
from invoice i join debtor d on d.id = i.debtor_id
where i.administration_id = $1 and i.status = 'open' and i.gone_at is null and i.kind = 'invoice' order by i.due;

-- name: AddStatement :execrows
insert into bank_statement (id, tenant_id, administration_id, iban, reference, sequence, currency, opening_minor, closing_minor, day, file_name, imported_at, statement_key)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing;

-- name: KnownBankLines :many
select line_key from bank_line where line_key = any(sqlc.arg(keys)::text[]);

-- name: AddBankLine :execrows
insert into bank_line (id, tenant_id, statement_id, line_key, value_date, currency, amount_minor, counter_name, counter_iban, text, state, why, proposal, payment_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing;

-- name: BankLine :one
select l.*, s.administration_id from bank_line l join bank_statement s on s.id = l.statement_id where l.id = $1;

-- name: SetBankLine :exec
update bank_line set state = $2, why = $3, payment_id = $4 where id = $1;

-- name: BankStatements :many
select * from bank_statement order by day desc, imported_at desc limit 50;

-- name: BankLines :many
select * from bank_line where statement_id = any(sqlc.arg(statements)::uuid[]) order by value_date, id;

-- name: PortalInvoices :many
select i.*, coalesce(c.phase, '') as phase, coalesce(r.received, 0)::bigint as received
from invoice i
left join collection c on c.invoice_id = i.id
left join lateral (
  select sum(a.amount_minor) as received from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal') r on true
where i.debtor_id = $1 and i.status <> 'draft' and i.gone_at is null
order by i.status = 'open' desc, i.due;

-- name: OpenOf :one
select (i.open_minor - coalesce((
  select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null and a.reflected_at is null and p.state = 'booked' and a.kind = 'principal'), 0))::bigint as open
from invoice i where i.id = $1;

-- name: CheckoutsDropped :many
-- Payments at the provider that the books counted under these ids.
select distinct c.id from checkout c join payment p on p.external_id = c.provider_id and p.source = 'mollie' and p.state = 'booked'
join allocation a on a.payment_id = p.id
where p.administration_id = sqlc.arg(administration_id)::uuid and a.books_id = any(sqlc.arg(ids)::text[]) and a.books_id <> '' and a.reversed_at is null
order by c.id;
