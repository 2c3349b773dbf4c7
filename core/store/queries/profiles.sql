-- name: DebtorProfile :one
-- What was chosen for a debtor by hand.
select d.id, coalesce((select r.risk from debtor_risk r where r.debtor_id = d.id and not r.computed), '')::text as risk,
  coalesce((select r.risk from debtor_risk r where r.debtor_id = d.id and r.computed), '')::text as computed,
  coalesce((select r.why from debtor_risk r where r.debtor_id = d.id and r.computed), '')::text as computed_why,
  coalesce((select c.flow from flow_choice c where c.scope = 'debtor' and c.subject = d.id::text), '')::text as flow,
  coalesce((select v.language from debtor_voice v where v.debtor_id = d.id), '')::text as language,
  coalesce((select v.form from debtor_voice v where v.debtor_id = d.id), '')::text as form,
  array(select m.segment from debtor_segment m where m.debtor_id = d.id order by m.segment)::text[] as segments
from debtor d where d.id = $1;

-- name: PutVoice :exec
insert into debtor_voice (tenant_id, debtor_id, language, form, set_by, set_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, debtor_id) do update set language = excluded.language, form = excluded.form, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: DropVoice :execrows
delete from debtor_voice where debtor_id = $1;

-- name: DebtorList :many
-- Debtors by name. A segment holds those that were put in it by hand, and those
-- that its rule takes in; has_rule says whether it has one.
with page as (
  select d.id, d.name, d.kind, d.country, d.email, d.administration_id, lower(d.name) as place, coalesce(r.risk, '')::text as risk
  from debtor d left join debtor_risk r on r.debtor_id = d.id
  where d.gone_at is null
    and (sqlc.arg(search)::text = '' or strpos(lower(d.name), lower(sqlc.arg(search)::text)) > 0 or strpos(lower(d.email), lower(sqlc.arg(search)::text)) > 0 or lower(d.external_id) = lower(sqlc.arg(search)::text))
    and (sqlc.arg(risk)::text = '' or coalesce(r.risk, 'medium') = sqlc.arg(risk)::text)
    and (not sqlc.arg(owing)::boolean or exists (select 1 from invoice i where i.debtor_id = d.id and i.status = 'open' and i.kind = 'invoice' and i.gone_at is null and i.open_minor > 0))
    and (sqlc.arg(segment)::text = '' or exists (select 1 from debtor_segment m where m.debtor_id = d.id and m.segment = sqlc.arg(segment)::text)
      or sqlc.arg(has_rule)::boolean
        and (sqlc.arg(of_kind)::text = '' or d.kind = sqlc.arg(of_kind)::text)
        and (cardinality(sqlc.arg(countries)::text[]) = 0 or d.country = any (sqlc.arg(countries)::text[]))
        and (cardinality(sqlc.arg(risks)::text[]) = 0 or coalesce(r.risk, 'medium') = any (sqlc.arg(risks)::text[]))
        and (sqlc.arg(least)::bigint = 0 and sqlc.arg(top)::bigint = 0 or exists (select 1 from invoice i where i.debtor_id = d.id and i.status = 'open' and i.kind = 'invoice' and i.gone_at is null
          and i.total_minor >= sqlc.arg(least)::bigint and (sqlc.arg(top)::bigint = 0 or i.total_minor <= sqlc.arg(top)::bigint))))
    and (sqlc.narg(from_id)::uuid is null
      or case when sqlc.arg(back)::boolean then (lower(d.name), d.id) < (sqlc.arg(from_place)::text, sqlc.narg(from_id)::uuid) else (lower(d.name), d.id) > (sqlc.arg(from_place)::text, sqlc.narg(from_id)::uuid) end)
  order by case when sqlc.arg(back)::boolean then lower(d.name) end desc, case when sqlc.arg(back)::boolean then d.id end desc, lower(d.name), d.id
  limit sqlc.arg(most)::int
)
select p.id, p.name, p.kind, p.country, p.email, p.place::text as place, p.risk, a.name as administration, a.currency,
  array(select m.segment from debtor_segment m where m.debtor_id = p.id order by m.segment)::text[] as segments,
  coalesce(o.open_minor, 0)::bigint as open_minor, coalesce(o.invoices, 0)::bigint as invoices, coalesce(o.late, 0)::bigint as late, coalesce(o.others, 0)::bigint as others
from page p join administration a on a.id = p.administration_id
left join lateral (
  select sum(i.open_minor) filter (where i.currency = a.currency) as open_minor, count(*) as invoices,
    count(*) filter (where i.due < sqlc.arg(today)::date) as late, count(*) filter (where i.currency <> a.currency) as others
  from invoice i where i.debtor_id = p.id and i.status = 'open' and i.kind = 'invoice' and i.gone_at is null and i.open_minor > 0
) o on true
order by case when sqlc.arg(back)::boolean then p.place end desc, case when sqlc.arg(back)::boolean then p.id end desc, p.place, p.id;

-- name: Segment :one
select * from segment where name = $1;

-- name: TakeBackLeaveOut :execrows
-- An invoice that was left out of the messages of a day is in them again.
update collection set not_before = null, not_before_rule = '' where invoice_id = $1 and phase <> 'closed' and not_before_rule = 'R50';
