-- name: Erasure :one
select * from erasure where debtor_id = $1;

-- name: PutErasure :exec
insert into erasure (debtor_id, tenant_id, state, delete_on, why, asked_at, asked_by, ended_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (debtor_id) do update set state = excluded.state, delete_on = excluded.delete_on, why = excluded.why, asked_at = excluded.asked_at,
  asked_by = excluded.asked_by, ended_at = excluded.ended_at;

-- name: ErasureGrounds :one
-- What keeps a debtor's data: claims that are open, and the latest year of an
-- invoice or a payment.
select
  (select count(*) from invoice i where i.debtor_id = sqlc.arg(debtor)::uuid and i.status = 'open' and i.gone_at is null)::bigint as open,
  (select count(*) from collection_case c where c.debtor_id = sqlc.arg(debtor)::uuid and c.state <> 'closed')::bigint as cases,
  greatest(
    coalesce((select max(extract(year from i.issued)) from invoice i where i.debtor_id = sqlc.arg(debtor)::uuid and i.status <> 'draft'), 0),
    coalesce((select max(extract(year from p.value_date)) from payment p where p.debtor_id = sqlc.arg(debtor)::uuid), 0))::int as last_year;

-- name: AnonymiseDebtor :exec
update debtor set name = 'Erased', attention = '', email = '', phone = '', line1 = '', line2 = '', postal_code = '', city = '', iban = '', vat_number = '', registration = '', url = ''
where id = $1;

-- name: AnonymiseMessages :exec
update message set recipient = '', subject = '', body_text = '', body_html = '', evidence = '{}' where debtor_id = $1;

-- name: AnonymisePayments :exec
update payment set counter_name = '', counter_iban = '', reference = '' where debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseCorrespondence :exec
delete from correspondence where debtor_id = $1;

-- name: EraseDocuments :exec
delete from document d where d.subject_id in (select m.id from message m where m.debtor_id = sqlc.arg(debtor)::uuid)
  or d.subject_id in (select i.id from invoice i where i.debtor_id = sqlc.arg(debtor)::uuid);

-- name: EraseContacts :exec
delete from debtor_contact where debtor_id = $1;

-- name: EraseBlocked :exec
delete from blocked_address where debtor_id = $1;

-- name: EraseAccess :exec
delete from portal_access where debtor_id = $1;

-- name: EraseNotes :exec
with d as (update dispute set note = '', lines = '' where dispute.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  p as (update promise set note = '' where promise.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  c as (update paid_claim set note = '' where paid_claim.debtor_id = sqlc.arg(debtor)::uuid returning 1)
update payment_plan set note = '' where payment_plan.debtor_id = sqlc.arg(debtor)::uuid;

-- name: LedgerRestricted :many
select debtor_id from erasure where debtor_id = any(sqlc.arg(debtors)::uuid[]) and state = 'restricted';

-- name: CreditorCountry :one
select a.country from debtor d join administration a on a.id = d.administration_id where d.id = $1;
