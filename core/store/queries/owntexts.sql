-- name: OwnText :many
-- The newest of the administration, then the newest of the organisation.
select distinct on (administration_id is null) * from own_text
where language = sqlc.arg(language) and step = sqlc.arg(step) and form = sqlc.arg(form) and (administration_id is null or administration_id = sqlc.arg(administration)::uuid)
order by administration_id is null, version desc;

-- name: OwnTextVersions :many
select * from own_text where language = $1 and step = $2 and form = $3 and administration_id is not distinct from sqlc.narg(administration)::uuid order by version desc limit 100;

-- name: OwnTexts :many
-- What is changed now.
select distinct on (administration_id, language, step, form) * from own_text order by administration_id, language, step, form, version desc;

-- name: AddOwnText :exec
insert into own_text (tenant_id, administration_id, language, step, form, version, subject, body, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
