-- What goes to bailiffs and comes from them.

-- name: DoorHandover :one
select coalesce(door_handover(sqlc.arg(handover)::uuid), '00000000-0000-0000-0000-000000000000')::uuid as tenant_id;

-- name: DoorHandoverLink :one
select tenant_id::uuid, handover_id::uuid from door_handover_link(sqlc.arg(hash)::bytea);

-- name: Handover :one
select h.*, c.number, c.administration_id, c.debtor_id from case_handover h join collection_case c on c.id = h.case_id where h.id = $1;

-- name: TryHandover :exec
update case_handover set tried_at = coalesce(tried_at, sqlc.arg(at)::timestamptz) where id = $1 and state = 'approved';

-- name: ForgetHandoverTry :exec
-- Nothing left: it may be tried again.
update case_handover set tried_at = null where id = $1 and state = 'approved';

-- name: TryNote :exec
update bailiff_note set tried_at = coalesce(tried_at, sqlc.arg(at)::timestamptz) where id = $1 and sent_at is null;

-- name: ForgetNoteTry :exec
update bailiff_note set tried_at = null, last_error = sqlc.arg(problem)::text where id = $1 and sent_at is null;

-- name: SetHandoverLink :exec
update case_handover set link_hash = $2, link_until = coalesce(link_until, $3) where id = $1;

-- name: SetHandoverCode :exec
update case_handover set code_hash = $2, code_until = $3, code_tries = 0 where id = $1;

-- name: CountHandoverTry :exec
update case_handover set code_tries = code_tries + 1 where id = $1;

-- name: MarkHandoverFetched :exec
update case_handover set fetched_at = coalesce(fetched_at, sqlc.arg(at)::timestamptz), code_hash = null where id = $1;

-- name: LockHandover :one
select * from case_handover where id = $1 for update;

-- name: SetBailiffKey :exec
update bailiff set sealed_secret = $2, public_key = $3 where id = $1;

-- name: BailiffNote :one
select * from bailiff_note where id = $1;

-- name: NoteByKey :one
select * from bailiff_note where handover_id = $1 and direction = 'in' and external_id = $2;

-- name: SetNoteBooking :exec
update bailiff_note set booking = $2, booking_why = $3, payment_id = $4 where id = $1;

-- name: WaitingBookings :one
select count(*) from bailiff_note where case_id = $1 and booking = 'waiting';

-- name: PaymentsLike :one
-- Payments of the same amount on an invoice of the case, or by the debtor without
-- one, around a day: the money may be counted already. One that the bailiff
-- reported under another reference is other money.
select count(distinct p.id) from payment p left join allocation a on a.payment_id = p.id and a.reversed_at is null
left join case_invoice ci on ci.invoice_id = a.invoice_id and ci.case_id = sqlc.arg(case_id)::uuid
where p.state = 'booked' and p.currency = sqlc.arg(currency)::text and p.amount_minor = sqlc.arg(amount)::bigint
  and (ci.case_id is not null or p.debtor_id = sqlc.arg(debtor_id)::uuid)
  and coalesce(p.value_date, p.seen_at::date) between sqlc.arg(on_day)::date - 10 and sqlc.arg(on_day)::date + 10
  and not (sqlc.arg(reference)::text <> '' and exists (
    select 1 from bailiff_note n where n.payment_id = p.id and n.reference <> '' and n.reference <> sqlc.arg(reference)::text));

-- name: NotesOfReference :many
-- What a bailiff reported under a reference before.
select n.* from bailiff_note n join case_handover h on h.id = n.handover_id
where h.bailiff_id = $1 and n.direction = 'in' and n.kind = 'payment' and n.reference = $2 and n.id <> $3 order by n.seq;

-- name: BailiffMoney :many
-- What bailiffs reported of these books and was booked: whoever hands it on names
-- it.
select n.id, n.reference, n.amount_minor, n.currency, n.handed_on, c.number, h.reference as office, b.id as bailiff_id, b.name, b.fee_bp from bailiff b join case_handover h on h.bailiff_id = b.id
join bailiff_note n on n.handover_id = h.id join collection_case c on c.id = h.case_id
where c.administration_id = $1 and n.booking = 'booked' order by n.seq;

-- name: HandOn :exec
update bailiff_note set handed_on = sqlc.arg(line)::text where id = any(sqlc.arg(notes)::uuid[]) and handed_on = '';
