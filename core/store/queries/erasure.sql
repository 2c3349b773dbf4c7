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
with e as (update delivery_event set detail = '' where message_id in (select m.id from message m where m.debtor_id = sqlc.arg(debtor)::uuid) returning 1)
update message set recipient = '', subject = '', body_text = '', body_html = '', evidence = '{}', form = '{}', account = '', last_error = ''
where message.debtor_id = sqlc.arg(debtor)::uuid;

-- name: AnonymisePayments :exec
-- Before the debtor, whose account may stand on lines that were not booked.
with p as (update payment set counter_name = '', counter_iban = '', reference = '' where payment.debtor_id = sqlc.arg(debtor)::uuid returning id),
  b as (update bank_line l set counter_name = '', counter_iban = '', text = '', proposal = '{}'
    where l.payment_id in (select y.id from payment y where y.debtor_id = sqlc.arg(debtor)::uuid)
      or l.counter_iban <> '' and l.counter_iban = (select d.iban from debtor d where d.id = sqlc.arg(debtor)::uuid) returning 1),
  c as (update checkout set url = '' where checkout.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  k as (delete from debit_customer where debit_customer.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  m as (update mandate set why = '', customer_id = '', wording = '', account_last = '', sealed_account = '' where mandate.debtor_id = sqlc.arg(debtor)::uuid returning 1)
update write_back set reference = '', last_error = '' where write_back.payment_id in (select y.id from payment y where y.debtor_id = sqlc.arg(debtor)::uuid);

-- name: EraseCorrespondence :exec
delete from correspondence where debtor_id = $1;

-- name: EraseDocuments :exec
-- Everything on file: of invoices, messages, correspondence, arrangements, cases and
-- what bailiffs wrote. Their rows go first, because they name the documents.
with cases as (select c.id from collection_case c where c.debtor_id = sqlc.arg(debtor)::uuid),
  gone as (
    select d.id from document d where d.subject_id in (select about_debtor(sqlc.arg(debtor)::uuid))
    union select pdf_id from case_dossier where case_id in (select id from cases)
    union select archive_id from case_dossier where case_id in (select id from cases)
    union select document_id from case_evidence where case_id in (select id from cases)),
  dossiers as (delete from case_dossier where case_id in (select id from cases) returning 1),
  evidence as (delete from case_evidence where case_id in (select id from cases) returning 1),
  orders as (update case_handover set archive_id = null, reference = '', last_error = '', ended_why = '', terms = '', link_hash = null, code_hash = null
    where case_id in (select id from cases) returning 1)
delete from document where document.id in (select id from gone);

-- name: EraseContacts :exec
with b as (delete from blocked_address where blocked_address.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  o as (delete from objection where objection.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  v as (delete from debtor_voice where debtor_voice.debtor_id = sqlc.arg(debtor)::uuid returning 1)
delete from debtor_contact where debtor_contact.debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseCredit :exec
-- What agencies said goes as soon as the debtor asks: no law wants it kept. That it
-- was asked for, and at what price, stays as the creditor's expense.
with c as (delete from credit_company where credit_company.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  r as (delete from credit_report where credit_report.debtor_id = sqlc.arg(debtor)::uuid returning 1)
update credit_request set company_id = '', reason = '', report_id = null where credit_request.debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseProfile :exec
-- How the creditor judged and sorted the debtor.
with l as (delete from credit_limit where credit_limit.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  u as (delete from unbilled where unbilled.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  r as (delete from debtor_risk where debtor_risk.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  s as (delete from debtor_segment where debtor_segment.debtor_id = sqlc.arg(debtor)::uuid returning 1)
delete from flow_choice where flow_choice.scope = 'debtor' and flow_choice.subject = (sqlc.arg(debtor)::uuid)::text;

-- name: EraseAccess :exec
with c as (delete from portal_code where portal_code.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  s as (delete from portal_session where portal_session.debtor_id = sqlc.arg(debtor)::uuid returning 1)
delete from portal_access where portal_access.debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseNotes :exec
with d as (update dispute set note = '', lines = '', resolution = '' where dispute.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  p as (update promise set note = '' where promise.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  c as (update paid_claim set note = '' where paid_claim.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  w as (update arrangement_word set detail = '{}' where arrangement_word.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  s as (update legal_stop set source = '', reference = '', contact = '', note = '', lifted_why = '' where legal_stop.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  b as (update debit set why = '' where debit.debtor_id = sqlc.arg(debtor)::uuid returning 1)
update payment_plan set note = '', waiver = '', ended_why = '' where payment_plan.debtor_id = sqlc.arg(debtor)::uuid;

-- name: NotesOfHolds :many
-- What persons noted when they held this debtor's invoices; decisions repeat it.
select distinct h.note from hold h
where h.note <> '' and h.scope_id in (select about_debtor(sqlc.arg(debtor)::uuid));

-- name: StripReasons :exec
with d as (update decision set reason = replace(reason, sqlc.arg(note)::text, 'a note that was erased')
    where decision.debtor_id = sqlc.arg(debtor)::uuid and position(sqlc.arg(note)::text in decision.reason) > 0 returning 1)
update collection set held_why = replace(held_why, sqlc.arg(note)::text, 'a note that was erased') where collection.debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseHolds :exec
update hold set note = '' where scope_id in (select about_debtor(sqlc.arg(debtor)::uuid));

-- name: EraseCaseFile :exec
with cases as (select c.id from collection_case c where c.debtor_id = sqlc.arg(debtor)::uuid),
  e as (update case_event set text = 'Erased', detail = '{}' where case_id in (select id from cases) returning 1),
  n as (update bailiff_note set text = '', author = '', last_error = '', booking_why = '' where case_id in (select id from cases) returning 1),
  i as (update case_invoice set left_why = '' where case_id in (select id from cases) returning 1),
  a as (update acknowledgement set why = 'Erased', ended_why = '' where case_id in (select id from cases) returning 1),
  f as (update fee_entry set why = '' where invoice_id in (select v.id from invoice v where v.debtor_id = sqlc.arg(debtor)::uuid) and kind in ('waived', 'restored') returning 1)
update collection_case set closed_why = '', look_why = '' where collection_case.debtor_id = sqlc.arg(debtor)::uuid;

-- name: EraseTasks :exec
update task set title = 'Erased', detail = '' where subject_id in (select about_debtor(sqlc.arg(debtor)::uuid));

-- name: EraseBooks :exec
-- What the books said besides amounts and days: references of orders, problems with
-- the debtor's records, files that hold nobody else's invoices, and rehearsals that
-- list the debtor by name; those can be run again. Before the debtor.
with i as (update invoice set reference = '', url = '' where invoice.debtor_id = sqlc.arg(debtor)::uuid returning 1),
  p as (delete from sync_problem using debtor d where d.id = sqlc.arg(debtor)::uuid and sync_problem.administration_id = d.administration_id
    and (sync_problem.external_id = d.external_id or sync_problem.external_id in (select v.external_id from invoice v where v.debtor_id = d.id)) returning 1),
  r as (update rehearsal set result = null, state = 'failed', problem = 'It listed a debtor who asked to be erased. Run it again.'
    from debtor d where d.id = sqlc.arg(debtor)::uuid and d.name <> '' and position(trim(both '"' from to_json(d.name)::text) in rehearsal.result::text) > 0 returning 1)
update inbox_file f set content = '', name = 'erased', problems = '[]'
from debtor d join administration a on a.id = d.administration_id
where d.id = sqlc.arg(debtor)::uuid and f.connection_id = a.connection_id and f.state <> 'waiting'
  and exists (select 1 from inbox_claim k join invoice v on v.administration_id = a.id and v.external_id = k.key
    where k.connection_id = f.connection_id and f.seq in (k.owner_seq, k.latest_seq) and v.debtor_id = d.id)
  and not exists (select 1 from inbox_claim k left join invoice v on v.administration_id = a.id and v.external_id = k.key
    where k.connection_id = f.connection_id and f.seq in (k.owner_seq, k.latest_seq) and v.debtor_id is distinct from d.id);

-- name: LedgerRestricted :many
select debtor_id from erasure where debtor_id = any(sqlc.arg(debtors)::uuid[]) and state = 'restricted';

-- name: CreditorCountry :one
select a.country from debtor d join administration a on a.id = d.administration_id where d.id = $1;
