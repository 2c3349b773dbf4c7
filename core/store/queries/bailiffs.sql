-- name: AddEvidence :exec
insert into case_evidence (document_id, tenant_id, case_id, kind, note, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: EvidenceOf :many
select e.kind, e.note, e.added_by, e.added_at, d.id, d.name, d.media_type, d.sha256, d.content from case_evidence e join document d on d.id = e.document_id
where e.case_id = $1 order by e.kind, d.name, d.id;

-- name: LastDossier :one
select * from case_dossier where case_id = $1 order by version desc limit 1;

-- name: Dossiers :many
select case_id, version, as_of, digest, missing, pdf_id, archive_id, made_at from case_dossier where case_id = $1 order by version desc;

-- name: AddDossier :exec
insert into case_dossier (case_id, version, tenant_id, as_of, digest, missing, pdf_id, archive_id, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: FilesOf :many
select id, subject_id, kind, name, media_type, sha256, content, created_at from document where subject_id = any(sqlc.arg(subjects)::uuid[]) order by subject_id, kind, name, created_at, id;

-- name: Bailiffs :many
select * from bailiff where active order by standard desc, name;

-- name: Bailiff :one
select * from bailiff where id = $1;

-- name: ChosenBailiff :one
-- The bailiff of a case: chosen for it, else for its books, else the standard one.
select b.* from collection_case c left join case_policy p on p.administration_id = c.administration_id
join bailiff b on b.active and (b.id = c.bailiff_id or b.id = p.bailiff_id or b.standard)
where c.id = $1
order by (b.id = c.bailiff_id) desc nulls last, (b.id = p.bailiff_id) desc nulls last, b.standard desc limit 1;

-- name: ChooseBailiff :execrows
update collection_case set bailiff_id = $2 where id = $1 and state <> 'closed';

-- name: ClearStandardBailiff :exec
update bailiff set standard = false where standard and id <> $1;

-- name: PutBailiff :exec
insert into bailiff (id, tenant_id, name, kind, country, no_cure_no_pay, email, phone, register_number, register_until, register_seen, pays_to, transport, endpoint, folder, username, host_key, sealed_secret, standard, active, created_at, terms, fee_bp, public_key)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, true, $20, $21, $22, $23)
on conflict (id) do update set name = excluded.name, kind = excluded.kind, country = excluded.country, no_cure_no_pay = excluded.no_cure_no_pay, email = excluded.email, phone = excluded.phone,
  register_number = excluded.register_number, register_until = excluded.register_until, register_seen = excluded.register_seen, pays_to = excluded.pays_to,
  transport = excluded.transport, endpoint = excluded.endpoint, folder = excluded.folder, username = excluded.username, host_key = excluded.host_key,
  sealed_secret = coalesce(excluded.sealed_secret, bailiff.sealed_secret), standard = excluded.standard, terms = excluded.terms, fee_bp = excluded.fee_bp,
  public_key = case when excluded.sealed_secret is null then bailiff.public_key else excluded.public_key end;

-- name: EndBailiff :exec
update bailiff set active = false, standard = false where id = $1;

-- name: SetBailiffCursor :exec
update bailiff set cursor = $2 where id = $1;

-- name: AddHandover :exec
insert into case_handover (id, tenant_id, case_id, bailiff_id, state, pays_to, proposed_by, proposed_at, terms) values ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8);

-- name: ApproveHandover :execrows
update case_handover set state = 'approved', approved_by = $2, approved_at = $3, version = $4 where id = $1 and state = 'proposed';

-- name: PackHandover :exec
-- What leaves is decided once.
update case_handover set archive_id = $2, told_event = $3, version = $4 where id = $1 and archive_id is null;

-- name: MarkHandedOver :execrows
update case_handover set state = 'sent', sent_at = $2, reference = $3, last_error = '' where id = $1 and state = 'approved';

-- name: NoteHandoverError :exec
update case_handover set last_error = $2 where id = $1;

-- name: EndHandover :execrows
update case_handover set state = $2, ended_at = $3, ended_why = $4 where id = $1 and state in ('proposed', 'approved', 'sent');

-- name: HandoverOf :one
select * from case_handover where case_id = $1 and state in ('proposed', 'approved', 'sent');

-- name: Handovers :many
select h.*, b.name, b.kind from case_handover h join bailiff b on b.id = h.bailiff_id where h.case_id = $1 order by h.seq;

-- name: HandoverByNumber :one
select h.*, c.number from case_handover h join collection_case c on c.id = h.case_id
where h.bailiff_id = $1 and c.number = $2 and h.state in ('sent', 'recalled', 'ended') order by h.seq desc limit 1;

-- name: AddBailiffNote :execrows
insert into bailiff_note (id, tenant_id, case_id, handover_id, direction, kind, text, amount_minor, currency, on_day, external_id, author, created_at, sent_at, reference)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (handover_id, direction, external_id) do nothing;

-- name: BailiffNotes :many
select * from bailiff_note where case_id = $1 order by seq;

-- name: UnsentNotes :many
select * from bailiff_note where handover_id = $1 and direction = 'out' and sent_at is null order by seq;

-- name: MarkNoteSent :exec
update bailiff_note set sent_at = $2, last_error = $3 where id = $1;

-- name: SetCaseStanding :exec
update collection_case set state = $2 where id = $1 and state <> 'closed';

-- name: WatchCase :execrows
update collection_case set state = 'monitored', look_on = $2, look_why = $3 where id = $1 and state in ('open', 'ready', 'bailiff', 'monitored');

-- name: InterruptCase :exec
update collection_case set interrupted_on = $2 where id = $1;

-- name: PaidElsewhere :many
-- Invoices that are to be paid to the bailiff who has their case.
select ci.invoice_id, c.id as case_id, b.name from case_handover h join bailiff b on b.id = h.bailiff_id join collection_case c on c.id = h.case_id
join case_invoice ci on ci.case_id = c.id and ci.left_at is null
where c.debtor_id = $1 and h.state = 'sent' and h.pays_to = 'bailiff' and c.state = 'bailiff';

-- name: AtBailiffs :many
-- The cases of a debtor that a bailiff has, and whom the debtor pays.
select c.id as case_id, c.number, h.pays_to, h.reference, b.name, b.email, b.phone from case_handover h join bailiff b on b.id = h.bailiff_id join collection_case c on c.id = h.case_id
where c.debtor_id = $1 and h.state = 'sent' and c.state = 'bailiff' order by h.seq;

-- name: LastDemand :one
-- The last written demand about a case that reached the debtor.
select coalesce(max(m.sent_at), 'epoch')::timestamptz as at from message m join message_invoice mi on mi.message_id = m.id join case_invoice ci on ci.invoice_id = mi.invoice_id
where ci.case_id = $1 and mi.role = 'demanded' and m.state = 'sent' and m.delivery not in ('bounced', 'soft_bounced', 'returned', 'failed')
  and m.step in ('final_reminder', 'fourteen_day_letter', 'statutory_notice', 'case_opened', 'summons_reminder', 'summons_2', 'pre_judicial', 'interruption');

-- name: HandoverObstacles :many
-- Why a case should not go to a bailiff now: holds in force on what it is about,
-- and what the debtor wrote that nobody has read.
select h.reason, h.note from hold h
where h.scope_id = any(sqlc.arg(scopes)::uuid[]) and h.released_at is null and (h.until is null or h.until > sqlc.arg(at)::timestamptz)
union all
select 'disputed', '' from dispute d where d.invoice_id = any(sqlc.arg(scopes)::uuid[]) and d.state = 'open'
union all
select 'unread', '' from correspondence c where c.debtor_id = sqlc.arg(debtor)::uuid and c.direction = 'in' and c.handled_at is null;

-- name: OpenCasesOfDebtor :many
select id from collection_case where debtor_id = $1 and state <> 'closed' order by id;

-- name: CasesAtBailiff :one
-- How many cases a bailiff has now.
select count(*) from case_handover where bailiff_id = $1 and state = 'sent';
