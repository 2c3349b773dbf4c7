-- name: CreditExposures :many
-- Of debtors, or of all that have a limit or a report when none is named: what is
-- open, unbilled and not applied, in the currency of the administration.
select d.id, d.administration_id, d.name, a.currency,
  coalesce(o.open, 0)::bigint as open_minor, coalesce(u.amount_minor, 0)::bigint as unbilled_minor, (coalesce(n.open, 0) + coalesce(p.unapplied, 0))::bigint as unapplied_minor
from debtor d join administration a on a.id = d.administration_id
left join lateral (
  select sum(i.open_minor - coalesce(got.amount, 0)) as open from invoice i left join lateral (
    select sum(l.amount_minor) as amount from allocation l join payment y on y.id = l.payment_id
    where l.invoice_id = i.id and l.reversed_at is null and l.reflected_at is null and l.kind = 'principal' and y.state = 'booked') got on true
  where i.debtor_id = d.id and i.status = 'open' and i.gone_at is null and i.kind = 'invoice' and i.currency = a.currency) o on true
left join lateral (
  select sum(abs(i.open_minor)) as open from invoice i
  where i.debtor_id = d.id and i.status = 'open' and i.gone_at is null and i.kind = 'credit_note' and i.currency = a.currency) n on true
left join lateral (
  select sum(y.amount_minor - coalesce(used.amount, 0)) as unapplied from payment y left join lateral (
    select sum(l.amount_minor) as amount from allocation l where l.payment_id = y.id and l.reversed_at is null) used on true
  where y.debtor_id = d.id and y.state = 'booked' and y.source <> 'books' and y.currency = a.currency and y.amount_minor > coalesce(used.amount, 0)) p on true
left join unbilled u on u.debtor_id = d.id and u.currency = a.currency
where d.id = any(sqlc.arg(debtors)::uuid[])
  or cardinality(sqlc.arg(debtors)::uuid[]) = 0 and (exists (select 1 from credit_limit l where l.debtor_id = d.id) or exists (select 1 from credit_report r where r.debtor_id = d.id))
order by d.id;

-- name: CreditLimits :many
select * from credit_limit where debtor_id = any(sqlc.arg(debtors)::uuid[]) or cardinality(sqlc.arg(debtors)::uuid[]) = 0 order by debtor_id, kind;

-- name: CreditReports :many
-- The newest of each debtor.
select distinct on (debtor_id) * from credit_report
where debtor_id = any(sqlc.arg(debtors)::uuid[]) or cardinality(sqlc.arg(debtors)::uuid[]) = 0 order by debtor_id, fetched_at desc;

-- name: CreditReportsOf :many
select * from credit_report where debtor_id = $1 order by fetched_at desc limit 20;

-- name: AddCreditReport :exec
insert into credit_report (id, tenant_id, debtor_id, connection_id, source, external_id, reported_on, score, score_max, grade, advice, status, limit_minor, currency, company, registration, country, fetched_at, fetched_by,
  company_id, probability, insolvent, natural_person, days_late, facts, price_minor, price_currency)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27);

-- name: PutCreditLimit :exec
insert into credit_limit (tenant_id, debtor_id, kind, currency, amount_minor, note, set_by, set_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, debtor_id, kind) do update set currency = excluded.currency, amount_minor = excluded.amount_minor, note = excluded.note, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: DropCreditLimit :exec
delete from credit_limit where debtor_id = $1 and kind = $2;

-- name: PutUnbilled :exec
insert into unbilled (tenant_id, debtor_id, currency, amount_minor, note, set_by, set_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, debtor_id, currency) do update set amount_minor = excluded.amount_minor, note = excluded.note, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: OpenCreditAlerts :many
select * from credit_alert where ended_at is null and (debtor_id = any(sqlc.arg(debtors)::uuid[]) or cardinality(sqlc.arg(debtors)::uuid[]) = 0);

-- name: AddCreditAlert :exec
insert into credit_alert (id, tenant_id, debtor_id, currency, exposure_minor, limit_minor, limit_kind, raised_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant_id, debtor_id) where ended_at is null do update set currency = excluded.currency, exposure_minor = excluded.exposure_minor, limit_minor = excluded.limit_minor, limit_kind = excluded.limit_kind;

-- name: EndCreditAlert :exec
update credit_alert set ended_at = $2 where debtor_id = $1 and ended_at is null;

-- name: CreditAlerts :many
select c.*, d.name from credit_alert c join debtor d on d.id = c.debtor_id order by c.ended_at is not null, c.raised_at desc, c.id desc limit 200;

-- name: BehaviourSince :many
-- What a debtor did that tells how they pay.
select debtor_id, kind, count(*)::bigint as times from behaviour_event
where at > sqlc.arg(since)::timestamptz and at <= sqlc.arg(until)::timestamptz and (sqlc.narg(debtor)::uuid is null or debtor_id = sqlc.narg(debtor)::uuid) group by debtor_id, kind;

-- name: DebtorNames :many
select id, name, kind, city from debtor where id = any(sqlc.arg(ids)::uuid[]);

-- name: CreditConnections :many
select * from connection where state <> 'removed' order by created_at;

-- name: DropCreditCompanies :exec
delete from credit_company where debtor_id = $1;

-- name: AddCreditCompany :exec
insert into credit_company (tenant_id, debtor_id, connection_id, company_id, rank, name, registration, city, status, natural_person, found_by, price_minor, price_currency, found_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing;

-- name: CreditCompanies :many
select * from credit_company where debtor_id = $1 order by rank;

-- name: AddCreditRequest :execrows
insert into credit_request (id, tenant_id, debtor_id, connection_id, source, company_id, price_minor, price_currency, asked_by, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing;

-- name: CreditRequest :one
select * from credit_request where id = $1;

-- name: EndCreditRequest :exec
update credit_request set state = $2, reason = $3, report_id = $4, ended_at = $5 where id = $1;

-- name: PriceCreditRequest :exec
update credit_request set price_minor = $2, price_currency = $3 where id = $1;

-- name: CreditRequestsOf :many
select * from credit_request where debtor_id = $1 order by asked_at desc limit 20;

-- name: CreditSetting :one
select * from credit_setting;

-- name: PutCreditSetting :exec
insert into credit_setting (tenant_id, natural_persons, risk_from_score, high_below, low_from, set_by, set_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id) do update set natural_persons = excluded.natural_persons, risk_from_score = excluded.risk_from_score, high_below = excluded.high_below, low_from = excluded.low_from, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: DebtorsWithCredit :many
-- Of debtors, or of all when none is named: those with a limit, a report, or an alert.
select d.id from debtor d
where (cardinality(sqlc.arg(debtors)::uuid[]) = 0 or d.id = any(sqlc.arg(debtors)::uuid[]))
  and (exists (select 1 from credit_limit l where l.debtor_id = d.id) or exists (select 1 from credit_report r where r.debtor_id = d.id)
    or exists (select 1 from credit_alert c where c.debtor_id = d.id and c.ended_at is null))
order by d.id;

-- name: RisksOf :many
-- Of debtors, or of all when none is named.
select * from debtor_risk where cardinality(sqlc.arg(debtors)::uuid[]) = 0 or debtor_id = any(sqlc.arg(debtors)::uuid[]);

-- name: PutComputedRisk :execrows
-- A risk that a person set stays.
insert into debtor_risk (tenant_id, debtor_id, risk, set_by, set_at, computed, why) values ($1, $2, $3, 'voldaan', $4, true, $5)
on conflict (tenant_id, debtor_id) do update set risk = excluded.risk, set_by = excluded.set_by, set_at = excluded.set_at, why = excluded.why where debtor_risk.computed;

-- name: DropComputedRisk :execrows
delete from debtor_risk where debtor_id = $1 and computed;

-- name: DropRisk :exec
delete from debtor_risk where debtor_id = $1;

-- name: CreditChanges :many
-- Reports that changed and that nobody has seen yet.
select t.*, d.name as debtor from task t join debtor d on d.id = t.subject_id where t.kind = 'credit_change' and t.done_at is null order by t.created_at desc limit 100;
