-- +goose Up
-- The words of messages as a creditor changed them: append-only, so that the text
-- of a version that was sent can always be read again (R118).
create table own_text (
  id                bigint generated always as identity primary key,
  tenant_id         uuid not null references tenant,
  administration_id uuid, -- null for all of the organisation
  language          text not null,
  step              text not null,
  form              text not null check (form in ('formal', 'informal')),
  version           int not null,
  subject           text not null,
  body              text not null, -- '' goes back to the shipped words
  made_by           text not null,
  made_at           timestamptz not null
);
create unique index own_text_version on own_text (tenant_id, coalesce(administration_id, '00000000-0000-0000-0000-000000000000'), language, step, form, version);
alter table own_text enable row level security;
alter table own_text force row level security;
create policy tenant on own_text to voldaan_app using (tenant_id = (select current_tenant()));
grant select, insert on own_text to voldaan_app;
grant usage on all sequences in schema public to voldaan_app;
