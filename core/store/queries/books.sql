-- name: Administration :one
select * from administration where id = $1;

-- name: Administrations :many
select * from administration order by name;

-- name: LockAdministration :one
select * from administration where id = $1 for share;

-- name: AddAdministration :exec
insert into administration (id, tenant_id, connection_id, external_id, name, country, currency, time_zone, language, legal_name)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant_id, connection_id, external_id) do update set name = excluded.name;

-- name: SetAdministrationSender :exec
update administration set legal_name = $2, sender_email = $3, sender_phone = $4, line1 = $5, postal_code = $6, city = $7, iban = $8, accent = $9
where id = $1;

-- name: SetAdministrationNumbers :exec
update administration set registration = $2, vat_number = $3 where id = $1;

-- name: ProposeAccount :exec
update administration set iban_next = $2, iban_next_by = $3, iban_next_at = $4 where id = $1;

-- name: SettleAccount :exec
-- An account that was proposed is taken into use, or forgotten.
update administration set iban = case when sqlc.arg(taken)::boolean then iban_next else iban end, iban_next = '', iban_next_by = null, iban_next_at = null
where id = $1;

-- name: ChangeAdministration :one
select * from administration where id = $1 for no key update;

-- name: SetGoLive :exec
update administration set go_live_on = $2, entry_step = $3 where id = $1;

-- name: SetSyncEvery :exec
update administration set sync_every = $2, freshness = $3 where id = $1;

-- name: ConfirmAdministration :exec
-- What was said about books that are not up to date is over.
with told as (
  update task set done_at = sqlc.arg(at)::timestamptz, done_by = 'voldaan' where subject_id = sqlc.arg(id) and kind = 'stale_books' and done_at is null
)
update administration set confirmed_at = greatest(confirmed_at, sqlc.arg(at)::timestamptz) where administration.id = sqlc.arg(id);

-- name: SetBankFeed :exec
update administration set bank_feed = $2 where id = $1;

-- name: ConfirmBank :exec
with told as (
  update task set done_at = sqlc.arg(at)::timestamptz, done_by = 'voldaan' where subject_id = sqlc.arg(id) and kind = 'stale_bank' and done_at is null
)
update administration set bank_confirmed_at = greatest(bank_confirmed_at, sqlc.arg(at)::timestamptz) where administration.id = sqlc.arg(id) and bank_feed;

-- name: ConfirmInvoices :exec
update invoice set confirmed_at = sqlc.arg(at)::timestamptz where id = any(sqlc.arg(ids)::uuid[]);

-- name: Connection :one
select * from connection where id = $1;

-- name: Connections :many
select * from connection where state <> 'removed' order by created_at;

-- name: AddConnection :exec
insert into connection (id, tenant_id, connector, version, title, config, auth, state) values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: SetConnectionState :exec
-- What a sync or a sign-in found. One that a person paused or removed stays so.
update connection set state = $2, state_reason = $3, updated_at = now() where id = $1 and state not in ('paused', 'removed');

-- name: Cursor :one
select cursor from sync_cursor where administration_id = $1;

-- name: SetCursor :exec
insert into sync_cursor (administration_id, tenant_id, cursor, updated_at) values ($1, $2, $3, $4)
on conflict (administration_id) do update set cursor = excluded.cursor, updated_at = excluded.updated_at
where sync_cursor.cursor <> excluded.cursor;

-- name: DropCursor :exec
delete from sync_cursor where administration_id = $1;

-- name: AddSyncRun :execrows
-- No row when another run of these books is under way.
insert into sync_run (id, tenant_id, administration_id, state, full_load, started_at) values ($1, $2, $3, 'running', $4, $5)
on conflict (administration_id) where state = 'running' do nothing;

-- name: EndDeadSyncRuns :exec
update sync_run set state = 'failed', finished_at = $2, problem = $3
where administration_id = $1 and state = 'running' and beat_at < now() - sqlc.arg(silence)::interval;

-- name: BeatSyncRun :execrows
update sync_run set beat_at = now() where id = $1 and state = 'running';

-- name: ProgressSyncRun :execrows
-- No row when the run was taken for dead.
update sync_run set expected = $2, read = $3, added = $4, changed = $5, gone = $6, held = $7, beat_at = now() where id = $1 and state = 'running';

-- name: FailedSyncRuns :one
-- How many runs failed since the last good one.
select count(*) from sync_run r where r.administration_id = $1 and r.state = 'failed'
and r.started_at > coalesce((select max(d.started_at) from sync_run d where d.administration_id = $1 and d.state = 'done'), '-infinity');

-- name: FinishSyncRun :exec
update sync_run set state = $2, finished_at = $3, problem = $4, next_try_at = $5 where id = $1;

-- name: DoubtSyncRun :exec
update sync_run set doubted = true where id = $1;

-- name: LastDoubted :one
-- Whether the last run that got to an end of any kind found most of the books gone.
select coalesce((select doubted from sync_run where administration_id = $1 and state <> 'running' order by started_at desc limit 1), false)::boolean;

-- name: SyncRun :one
select * from sync_run where id = $1;

-- name: LatestSyncRun :one
select * from sync_run where administration_id = $1 order by started_at desc limit 1;

-- name: HasSyncProblem :one
select exists (select 1 from sync_problem where administration_id = $1 and code = $2)::boolean;

-- name: CountSyncProblems :one
select count(*) from sync_problem where administration_id = $1;

-- name: NoteDuplicates :many
-- A record that is wrong in another way too keeps that problem.
insert into sync_problem (administration_id, stream, external_id, tenant_id, code, message, at)
select d.administration_id, 'invoices', d.external_id, d.tenant_id, 'duplicate_number',
  format('The number %s is on %s invoices. Give each its own number in the books.', d.number, d.times), sqlc.arg(at)::timestamptz
from (
  select i.administration_id, i.external_id, i.tenant_id, i.number, n.times
  from (select o.number, count(*) as times from invoice o
        where o.administration_id = $1 and o.gone_at is null and o.number <> '' and o.kind = 'invoice'
        group by o.number having count(*) > 1) n
  join invoice i on i.number = n.number and i.administration_id = $1 and i.gone_at is null and i.kind = 'invoice') d
on conflict (administration_id, stream, external_id) do update set message = excluded.message
where sync_problem.code = 'duplicate_number' and sync_problem.message <> excluded.message
returning external_id;

-- name: ClearDuplicates :many
delete from sync_problem p where p.administration_id = $1 and p.code = 'duplicate_number' and not exists (
  select 1 from invoice i join invoice o on o.tenant_id = i.tenant_id and o.number = i.number and o.administration_id = i.administration_id and o.id <> i.id
  where i.administration_id = p.administration_id and i.external_id = p.external_id and i.gone_at is null and i.kind = 'invoice' and i.number <> ''
    and o.gone_at is null and o.kind = 'invoice')
returning external_id;

-- name: NoteSyncProblem :execrows
insert into sync_problem (administration_id, stream, external_id, tenant_id, code, message, at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (administration_id, stream, external_id) do update set code = excluded.code, message = excluded.message
where sync_problem.message <> excluded.message;

-- name: ClearSyncProblems :many
-- A number that is given twice stays so until the other one changes too.
delete from sync_problem where administration_id = $1 and stream = $2 and external_id = any(sqlc.arg(ids)::text[])
and (code <> 'duplicate_number' or sqlc.arg(gone)::boolean) returning external_id;

-- name: SyncProblems :many
select * from sync_problem where administration_id = $1 order by at desc limit 200;

-- name: InvoiceRevisions :many
select external_id, revision from invoice where administration_id = $1 and gone_at is null;

-- name: DebtorRevisions :many
select external_id, revision from debtor where administration_id = $1 and gone_at is null;

-- name: MarkInvoicesGone :many
update invoice set gone_at = sqlc.arg(at)::timestamptz where administration_id = $1 and external_id = any(sqlc.arg(ids)::text[]) and gone_at is null returning id;

-- name: MarkDebtorsGone :execrows
update debtor set gone_at = sqlc.arg(at)::timestamptz where administration_id = $1 and external_id = any(sqlc.arg(ids)::text[]) and gone_at is null;

-- name: HasInvoices :one
select exists (select 1 from invoice where administration_id = $1)::boolean;

-- name: Invoice :one
select * from invoice where id = $1;

-- name: InvoicesOf :many
select * from invoice where id = any(sqlc.arg(ids)::uuid[]);

-- name: Debtor :one
select * from debtor where id = $1;

-- name: DebtorsOfInvoices :many
select distinct debtor_id from invoice where id = any(sqlc.arg(ids)::uuid[]) order by debtor_id;

-- name: OpenInvoicesOfDebtors :many
-- One probe for each debtor. What is open is told apart afterwards: of a table
-- that was never analysed the planner takes the index of open invoices for tiny.
select i.id from unnest(sqlc.arg(debtors)::uuid[]) as d(id)
cross join lateral (select invoice.id, invoice.status, invoice.gone_at from invoice where invoice.debtor_id = d.id offset 0) i
where i.status = 'open' and i.gone_at is null;

-- name: OpenInvoicesOf :many
select id, external_id from invoice
where administration_id = $1 and debtor_id = $2 and status = 'open' and gone_at is null and kind = 'invoice'
order by id = sqlc.arg(first)::uuid desc, due limit 100;

-- name: AddDocument :exec
insert into document (id, tenant_id, subject_id, kind, name, media_type, sha256, content, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing;

-- name: DocumentOf :one
select * from document where subject_id = $1 and kind = $2 order by created_at desc limit 1;

-- name: Document :one
select * from document where id = $1;

-- name: DocumentsOf :many
select id, subject_id, kind, name, media_type, sha256, created_at from document where subject_id = any(sqlc.arg(ids)::uuid[]) order by created_at;

-- name: AdministrationsOf :many
select * from administration where connection_id = $1 order by name;

-- name: ForgetCredentials :exec
update connection set sealed_credentials = null, token_generation = token_generation + 1, state = 'removed', updated_at = now() where id = $1;

-- name: SetConnectionConfig :exec
update connection set config = $2, updated_at = now() where id = $1;
