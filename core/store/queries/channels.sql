-- name: ChannelsOf :many
select * from channel where administration_id = $1 order by channel;

-- name: LedgerChannels :many
select * from channel where administration_id = any(sqlc.arg(administrations)::uuid[]) and enabled;

-- name: PutChannel :exec
insert into channel (tenant_id, administration_id, channel, mode, connection_id, account, sender, daily_limit, price_minor, price_currency, enabled)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant_id, administration_id, channel) do update set mode = excluded.mode, connection_id = excluded.connection_id, account = excluded.account,
  sender = excluded.sender, daily_limit = excluded.daily_limit, price_minor = excluded.price_minor, price_currency = excluded.price_currency, enabled = excluded.enabled;

-- name: DropChannel :exec
delete from channel where administration_id = $1 and channel = $2;

-- name: MessageByExternal :one
select id from message where connection_id = $1 and external_id = $2;

-- name: AddressForm :exec
-- A form that a provider carries, before it is handed over.
update message set connection_id = $2, account = $3, form = $4, parts = $5 where id = $1;

-- name: MarkAccepted :exec
update message set state = 'sent', sent_at = sqlc.arg(sent_at), delivery = 'accepted', external_id = sqlc.arg(external_id), evidence = evidence || sqlc.arg(evidence)::jsonb
where id = sqlc.arg(id);

-- name: MarkHandingOverAgain :execrows
-- Another attempt of a call that nobody answered.
update message set state = 'handing_over', handed_over_at = $2, attempts = attempts + 1 where id = $1 and state = 'sent' and channel = 'voice';

-- name: MarkDelivery :exec
update message set delivery = sqlc.arg(delivery), evidence = evidence || sqlc.arg(evidence)::jsonb,
  price_minor = coalesce(sqlc.narg(price_minor), price_minor), price_currency = coalesce(sqlc.narg(price_currency), price_currency),
  parts = case when sqlc.arg(parts)::int > 0 then sqlc.arg(parts)::int else parts end
where id = sqlc.arg(id);

-- name: AddDeliveryEvent :exec
insert into delivery_event (tenant_id, message_id, at, state, detail, source) values ($1, $2, $3, $4, $5, $6);

-- name: DeliveryEvents :many
select * from delivery_event where message_id = any(sqlc.arg(messages)::uuid[]) order by id;

-- name: CallsSince :many
-- When a debtor was called, newest first.
select e.at from delivery_event e join message m on m.id = e.message_id
where m.debtor_id = $1 and m.channel = 'voice' and e.state = 'handing_over' and e.at >= $2 order by e.at desc;

-- name: SentToday :one
select count(*) from message where administration_id = $1 and channel = $2 and state in ('handing_over', 'sent') and sent_at >= $3;

-- name: SetPostedOn :execrows
update message set posted_on = sqlc.narg(posted_on), delivery = case when sqlc.narg(posted_on)::date is null then 'printed' else 'posted' end
where id = sqlc.arg(id) and channel = 'letter' and state = 'sent' and delivery in ('printed', 'posted', 'accepted', 'sent');

-- name: NoticeOfMessage :one
select * from notice where message_id = $1 and void_at is null;

-- name: MoveNotice :exec
update notice set posted_on = $2, received_on = $3, term_last_day = $4, costs_from = $5, awaits_post = $6 where id = $1 and void_at is null;

-- name: AwaitPost :exec
update notice set awaits_post = true where message_id = $1 and void_at is null;

-- name: InvoicesOfNotice :many
select invoice_id from notice_invoice where notice_id = $1;

-- name: LettersToPost :many
select m.id, m.administration_id, m.debtor_id, m.step, m.subject, m.recipient, m.created_at, m.case_number, d.name as debtor_name, a.name as administration_name,
  (select bool_and(c.phase = 'closed') from message_invoice mi join collection c on c.invoice_id = mi.invoice_id where mi.message_id = m.id and mi.role = 'demanded')::boolean as settled,
  exists (select 1 from notice n where n.message_id = m.id and n.void_at is null) as statutory
from message m join debtor d on d.id = m.debtor_id join administration a on a.id = m.administration_id
join channel ch on ch.administration_id = m.administration_id and ch.channel = 'letter' and ch.mode = 'batch'
where m.channel = 'letter' and m.state = 'sent' and m.delivery = 'printed' and m.posted_on is null
  and not exists (select 1 from letter_batch_message bm join letter_batch b on b.id = bm.batch_id where bm.message_id = m.id and b.undone_at is null)
order by a.name, m.created_at, m.id;

-- name: AddLetterBatch :exec
insert into letter_batch (id, tenant_id, administration_id, made_at, made_by) values ($1, $2, $3, $4, $5);

-- name: AddToBatch :exec
insert into letter_batch_message (batch_id, message_id, tenant_id, place) values ($1, $2, $3, $4);

-- name: LettersWaiting :one
-- How many letters wait for somebody to post them.
select count(*) from message m join channel ch on ch.administration_id = m.administration_id and ch.channel = 'letter' and ch.mode = 'batch'
where m.channel = 'letter' and m.state = 'sent' and m.delivery = 'printed' and m.posted_on is null;

-- name: LetterBatches :many
select b.*, a.name as administration_name, (select count(*) from letter_batch_message bm where bm.batch_id = b.id) as letters
from letter_batch b join administration a on a.id = b.administration_id order by b.made_at desc limit 50;

-- name: LetterBatch :one
select * from letter_batch where id = $1 for update;

-- name: BatchMessages :many
select bm.place, m.* from letter_batch_message bm join message m on m.id = bm.message_id where bm.batch_id = $1 order by bm.place;

-- name: SetBatchPosted :exec
update letter_batch set posted_on = $2, posted_by = $3 where id = $1;

-- name: UndoBatch :exec
update letter_batch set undone_at = $2, undone_by = $3, posted_on = null where id = $1;

-- name: MailSince :one
-- Mails of a sender that left since a moment, and those that came back.
select count(*) as sent, count(*) filter (where delivery in ('bounced', 'soft_bounced')) as bounced
from message where administration_id = $1 and channel = 'email' and state = 'sent' and sent_at >= $2;

-- name: StopMail :execrows
update administration set mail_stopped_at = $2, mail_stopped_why = $3 where id = $1 and mail_stopped_at is null;

-- name: ResumeMail :execrows
update administration set mail_stopped_at = null, mail_stopped_why = '' where id = $1 and mail_stopped_at is not null;

-- name: LedgerObjections :many
select * from objection where debtor_id = any(sqlc.arg(debtors)::uuid[]);

-- name: AddObjection :execrows
insert into objection (tenant_id, debtor_id, channel, reason, at) values ($1, $2, $3, $4, $5) on conflict do nothing;

-- name: LedgerContacts :many
select * from debtor_contact where debtor_id = any(sqlc.arg(debtors)::uuid[]) and verified_at is not null and ended_at is null order by verified_at;

-- name: AddContact :exec
insert into debtor_contact (tenant_id, debtor_id, email, source_email, token_hash, asked_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: ContactByToken :one
select * from debtor_contact where token_hash = $1;

-- name: VerifyContact :execrows
update debtor_contact set verified_at = $2 where token_hash = $1 and verified_at is null and ended_at is null and expires_at > $2;

-- name: EndContacts :exec
update debtor_contact set ended_at = sqlc.arg(at) where debtor_id = sqlc.arg(debtor_id) and ended_at is null and token_hash <> sqlc.arg(but);

-- name: DoorContact :one
select d.tenant_id::uuid as tenant_id, d.debtor_id::uuid as debtor_id from door_contact($1) as d;

-- name: OpenBouncesOf :many
select recipient from message where debtor_id = $1 and channel = 'email' and delivery = 'bounced';

-- name: MessagesOfDebtor :many
select * from message where debtor_id = $1 order by created_at desc limit 200;

-- name: FormsOf :many
-- All forms of one message: the same step about the same invoices.
select o.* from message m join message o on o.debtor_id = m.debtor_id and o.step = m.step and o.invoice_set = m.invoice_set and o.cycle = m.cycle
where m.id = $1 order by o.channel;
