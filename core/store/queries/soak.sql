-- name: CheckoutsDropped :many
-- Payments at the provider that the books counted under these ids.
select distinct c.id from checkout c join payment p on p.external_id = c.provider_id and p.source = 'mollie' and p.state = 'booked'
join allocation a on a.payment_id = p.id
where p.administration_id = sqlc.arg(administration_id)::uuid and a.books_id = any(sqlc.arg(ids)::text[]) and a.books_id <> '' and a.reversed_at is null
order by c.id;

-- name: CasesAtBailiff :one
-- How many cases a bailiff has now.
select count(*) from case_handover where bailiff_id = $1 and state = 'sent';
