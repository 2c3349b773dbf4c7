-- name: OwnBooks :one
-- The administration that is our own record: cases without an accounting package.
-- The first has the name own, and each further law books of its own.
select * from administration where connection_id is null and external_id = sqlc.arg(name)::text;

-- name: MakeOwnBooks :exec
-- What is in it is the truth, so it is never stale: payments come by statement,
-- by Mollie or by hand.
update administration set freshness = interval '876000 hours', confirmed_at = sqlc.arg(at)::timestamptz, go_live_on = sqlc.arg(live)::date where id = sqlc.arg(id)::uuid;

-- name: CopySender :exec
update administration a set legal_name = s.legal_name, sender_email = s.sender_email, sender_phone = s.sender_phone, line1 = s.line1, postal_code = s.postal_code, city = s.city,
  iban = s.iban, accent = s.accent, registration = s.registration, formal = s.formal
from administration s where a.id = sqlc.arg(id)::uuid and s.id = sqlc.arg(of_id)::uuid;
