-- +goose Up
-- How a debtor is written to, where it differs from the books: its language and
-- whether formally. An empty value follows the books.
create table debtor_voice (
  tenant_id uuid not null references tenant,
  debtor_id uuid not null,
  language  text not null default '',
  form      text not null default '' check (form in ('', 'formal', 'informal')),
  set_by    text not null,
  set_at    timestamptz not null,
  primary key (tenant_id, debtor_id)
);
alter table debtor_voice enable row level security;
alter table debtor_voice force row level security;
create policy tenant on debtor_voice to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert, update, delete on debtor_voice to voldaan_app;

-- Lists of debtors go by their name.
create index debtor_by_name on debtor (tenant_id, lower(name), id);
create index debtor_segment_members on debtor_segment (tenant_id, segment, debtor_id);
