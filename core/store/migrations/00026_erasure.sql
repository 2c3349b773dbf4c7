-- +goose Up
-- What debtors asked to have erased (R116).

create table erasure (
  debtor_id    uuid primary key,
  tenant_id    uuid not null references tenant,
  state        text not null check (state in ('restricted', 'anonymised', 'withdrawn')),
  -- The day from which nothing has to be kept any more, as it is known now.
  delete_on    date,
  why          text not null, -- what keeps the data until then, or that nothing does
  asked_at     timestamptz not null,
  asked_by     text not null,
  ended_at     timestamptz
);
alter table erasure enable row level security;
alter table erasure force row level security;
create policy tenant on erasure to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update on erasure to voldaan_app;

-- The books may still tell who it was; we do not take it in again.
-- +goose StatementBegin
create function keep_erased() returns trigger language plpgsql as $$
begin
  if exists (select 1 from erasure e where e.debtor_id = new.id and e.state = 'anonymised') then
    new.name := 'Erased'; new.attention := ''; new.email := ''; new.phone := ''; new.line1 := ''; new.line2 := ''; new.postal_code := ''; new.city := '';
    new.iban := ''; new.vat_number := ''; new.registration := ''; new.url := '';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger keep_erased before insert or update on debtor for each row execute function keep_erased();
grant delete on debtor_contact to voldaan_app;
