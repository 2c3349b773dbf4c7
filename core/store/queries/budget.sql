-- Rate limits and the renewal of access, shared by all hosts.

-- name: RateTake :one
select granted::int as granted, wait::float8 as wait, used::int[] as used, size::int[] as size, lasts::float8[] as lasts
from rate_take(sqlc.arg(keys)::text[], sqlc.arg(sizes)::int[], sqlc.arg(pers)::float8[], sqlc.arg(share)::int, sqlc.arg(want)::int);

-- name: RateGive :exec
with mine as (select key from rate_window where key = any (sqlc.arg(keys)::text[]) and ends > clock_timestamp() order by key for update)
update rate_window w set used = greatest(w.used - sqlc.arg(n)::int, 0) from mine where w.key = mine.key;

-- name: RateLearn :exec
-- What the package says counts: at least so much is used, of so many, until then.
update rate_window set
  used = greatest(case when ends > clock_timestamp() then used else 0 end, sqlc.arg(used)::int),
  size = case when sqlc.arg(size)::int > 0 then sqlc.arg(size)::int else size end,
  ends = case when sqlc.arg(lasts)::float8 > 0 then clock_timestamp() + make_interval(secs => sqlc.arg(lasts)::float8) else ends end
where key = sqlc.arg(key);

-- name: RateBlock :exec
insert into rate_window (key, ends) values (sqlc.arg(key), clock_timestamp() + make_interval(secs => sqlc.arg(lasts)::float8))
on conflict (key) do update set ends = greatest(rate_window.ends, excluded.ends);

-- name: RateEnter :one
select rate_enter(sqlc.arg(keys)::text[], sqlc.arg(sizes)::int[], sqlc.arg(holder)::uuid, sqlc.arg(lasting)::float8)::boolean;

-- name: RateLeave :exec
delete from rate_slot where holder = any (sqlc.arg(holders)::uuid[]);

-- name: RateStay :exec
update rate_slot set expires = clock_timestamp() + make_interval(secs => sqlc.arg(lasting)::float8) where holder = any (sqlc.arg(holders)::uuid[]);

-- name: RefreshFailure :one
select failures, why, lost, greatest(extract(epoch from after - clock_timestamp()), 0)::float8 as wait from refresh_failure where connection_id = $1;

-- name: SetRefreshFailure :exec
insert into refresh_failure (connection_id, tenant_id, failures, after, why, lost)
select c.id, c.tenant_id, 1, clock_timestamp() + make_interval(secs => sqlc.arg(wait)::float8), sqlc.arg(why), sqlc.arg(lost)
from connection c where c.id = sqlc.arg(connection)
on conflict (connection_id) do update set failures = refresh_failure.failures + 1, after = excluded.after, why = excluded.why,
  lost = refresh_failure.lost or excluded.lost;

-- name: ForgetRefreshFailure :exec
delete from refresh_failure where connection_id = $1;

-- name: LockCredentials :one
select sealed_credentials, token_generation, config, lease_holder, coalesce(lease_until > clock_timestamp(), false)::boolean as leased from connection where id = $1 for update;

-- name: ReadCredentials :one
select sealed_credentials, token_generation, config from connection where id = $1;

-- name: LeaseCredentials :exec
update connection set lease_holder = sqlc.arg(holder)::text, lease_until = clock_timestamp() + make_interval(secs => sqlc.arg(lasting)::float8) where id = sqlc.arg(id);

-- name: EndLease :execrows
update connection set lease_holder = null, lease_until = null where id = sqlc.arg(id) and lease_holder = sqlc.arg(holder)::text;

-- name: WriteCredentials :execrows
-- Writes the next generation, if it is the one after the given; -1 stands for any.
update connection set sealed_credentials = sqlc.narg(sealed), config = config || sqlc.arg(kept)::jsonb, token_generation = token_generation + 1,
  lease_holder = null, lease_until = null, updated_at = now(), credentials_at = now(), access_problem = ''
where id = sqlc.arg(id) and (sqlc.arg(generation)::bigint = -1 or token_generation = sqlc.arg(generation)::bigint);
