-- name: PutMatter :execrows
-- Nothing is written when it says the same.
insert into matter (tenant_id, kind, id, at, wake_at, why) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, kind, id) do update
  set at = excluded.at, wake_at = excluded.wake_at, why = excluded.why, closed = false, version = matter.version + 1
where (matter.at, matter.wake_at, matter.why, matter.closed) is distinct from (excluded.at, excluded.wake_at, excluded.why, false);

-- name: CloseMatter :execrows
update matter set closed = true, version = version + 1 where kind = $1 and id = $2 and not closed;

-- name: Matter :one
select * from matter where kind = $1 and id = $2;

-- name: DueMatters :many
-- What should have been woken by a moment, the longest waiting first.
select kind, id, wake_at, why from matter where not closed and wake_at <= $1 order by wake_at, kind, id limit $2;
