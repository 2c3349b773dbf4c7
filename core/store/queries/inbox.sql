-- name: InboxFileBySum :one
select seq, name, octet_length(content)::bigint as size, sha256, received_at, state, kind from inbox_file
where connection_id = $1 and sha256 = $2;

-- name: AddInboxFile :one
-- Only for a connection of this tenant: a foreign key does not look at tenants.
insert into inbox_file (tenant_id, connection_id, name, sha256, content, received_at)
select c.tenant_id, c.id, sqlc.arg(name)::text, sqlc.arg(sha256)::bytea, sqlc.arg(content)::bytea, sqlc.arg(received_at)::timestamptz
from connection c where c.id = sqlc.arg(connection_id)::uuid
on conflict (connection_id, sha256) do nothing returning seq;

-- name: InboxFiles :many
select seq, name, octet_length(content)::bigint as size, sha256, received_at, state, kind from inbox_file
where connection_id = $1 and seq > sqlc.arg(after)::bigint and (state = 'waiting' or not sqlc.arg(open)::boolean)
order by seq limit sqlc.arg(most)::int;

-- name: InboxFile :one
select seq, name, octet_length(content)::bigint as size, sha256, received_at, state, kind from inbox_file
where connection_id = $1 and seq = $2;

-- name: InboxContent :one
select content from inbox_file where connection_id = $1 and seq = $2;

-- name: OpenInboxFile :exec
update inbox_file set opened_run = sqlc.arg(run)::uuid, opened_at = clock_timestamp() where connection_id = $1 and seq = $2;

-- name: BlameInboxFile :one
-- Counts the death of a reader against the file that it had opened last.
update inbox_file set strikes = strikes + 1 where seq = (
  select f.seq from inbox_file f where f.connection_id = sqlc.arg(connection_id) and f.opened_run = sqlc.arg(run)::uuid
    and f.state = 'waiting' and f.next_run is null
  order by f.opened_at desc limit 1)
returning seq, name, strikes;

-- name: InboxOutcome :one
select state, kind, documents, problems from inbox_file where connection_id = $1 and seq = $2;

-- name: SettleInboxFile :execrows
-- Read by a sync, a file waits until ConfirmInboxFiles.
update inbox_file set kind = $3, documents = $4, problems = $5,
  state = case when sqlc.narg(run)::uuid is null then sqlc.arg(outcome)::text else state end,
  next_state = case when sqlc.narg(run)::uuid is null then '' else sqlc.arg(outcome)::text end, next_run = sqlc.narg(run)::uuid
where connection_id = $1 and seq = $2;

-- name: ConfirmInboxFiles :exec
update inbox_file set state = next_state, next_state = '', next_run = null where next_run = sqlc.arg(run)::uuid;

-- name: RepeatInboxFile :one
update inbox_file set seq = default, state = 'waiting', kind = '', documents = 0, strikes = 0, problems = '[]', next_state = '', next_run = null, name = $3, received_at = $4
where connection_id = $1 and seq = $2 returning seq;

-- name: LatestInboxList :one
select seq, name, octet_length(content)::bigint as size, sha256, received_at, state, kind from inbox_file
where connection_id = $1 and kind = 'list' and coalesce(nullif(next_state, ''), state) in ('taken', 'partly') and seq < sqlc.arg(before)::bigint
order by seq desc limit 1;

-- name: NewestInboxList :one
select received_at from inbox_file where connection_id = $1 and kind = 'list' and state in ('taken', 'partly') order by seq desc limit 1;

-- name: RecentInboxFiles :many
select seq, name, octet_length(content)::bigint as size, received_at, state, kind, documents, problems from inbox_file
where connection_id = $1 order by seq desc limit 50;

-- name: LockInbox :one
-- Claims of one connection are judged one after the other.
select id from connection where id = $1 for no key update;

-- name: InboxClaims :many
select key, owner_seq, digest, latest_seq from inbox_claim where connection_id = $1 and key = any(sqlc.arg(keys)::text[]);

-- name: PutInboxClaims :exec
insert into inbox_claim (connection_id, key, tenant_id, owner_seq, digest, latest_seq)
select sqlc.arg(connection_id)::uuid, n.key, current_tenant(), nullif(n.owner_seq, 0), n.digest, n.latest_seq
from (select unnest(sqlc.arg(keys)::text[]) as key, unnest(sqlc.arg(owners)::bigint[]) as owner_seq,
  unnest(sqlc.arg(digests)::text[]) as digest, unnest(sqlc.arg(latests)::bigint[]) as latest_seq) n
on conflict (connection_id, key) do update set owner_seq = excluded.owner_seq, digest = excluded.digest, latest_seq = excluded.latest_seq;

-- name: InboxHolders :one
select owner_seq, latest_seq from inbox_claim where connection_id = $1 and key = $2;

-- name: PutInboxSource :exec
insert into inbox_source (connection_id, kind, tenant_id) select c.id, sqlc.arg(kind)::text, c.tenant_id
from connection c where c.id = sqlc.arg(connection_id)::uuid
on conflict (connection_id, kind) do update set poll_at = now(), problem = '';

-- name: DropInboxSources :exec
delete from inbox_source where connection_id = $1 and not kind = any(sqlc.arg(keep)::text[]);

-- name: InboxSources :many
select * from inbox_source where connection_id = $1 order by kind;

-- name: NoteInboxPoll :exec
update inbox_source set poll_at = now() + sqlc.arg(again)::interval, polled_at = sqlc.arg(at)::timestamptz, problem = sqlc.arg(problem)::text
where connection_id = sqlc.arg(connection_id)::uuid and kind = sqlc.arg(kind)::text;

-- name: DoorClaimSources :many
select connection_id::uuid, kind::text, tenant_id::uuid from door_claim_sources(sqlc.arg(most)::int, sqlc.arg(lease)::interval);

-- name: InboxHeld :many
-- What is wrong with the invoices that a file delivered, by the rules of the books.
select p.external_id, p.message from sync_problem p
join administration a on a.id = p.administration_id
join inbox_claim k on k.connection_id = a.connection_id and k.key = p.external_id
where a.connection_id = sqlc.arg(connection_id)::uuid and k.latest_seq = sqlc.arg(seq)::bigint and p.stream = 'invoices'
order by p.external_id limit 100;

-- name: DismissSyncProblem :execrows
-- Not one of a record that is in the books: that holds its reminders (R7).
delete from sync_problem p where p.administration_id = sqlc.arg(administration_id)::uuid and p.external_id = sqlc.arg(external_id)::text
  and not exists (select 1 from invoice i where i.administration_id = p.administration_id and i.external_id = p.external_id and i.gone_at is null)
  and not exists (select 1 from debtor d where d.administration_id = p.administration_id and d.external_id = p.external_id and d.gone_at is null);

-- name: NewestWaitingFile :one
select seq from inbox_file where connection_id = $1 and state = 'waiting' order by seq desc limit 1;
