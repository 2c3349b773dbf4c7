-- +goose Up
-- Evidence that a person adds to a case, and the versions of its dossier.

create table case_evidence (
  document_id uuid primary key references document,
  tenant_id   uuid not null references tenant,
  case_id     uuid not null references collection_case,
  kind        text not null check (kind in ('contract', 'terms', 'delivery', 'notice', 'other')),
  note        text not null default '',
  added_by    text not null,
  added_at    timestamptz not null
);
create index case_evidence_case on case_evidence (tenant_id, case_id);

create table case_dossier (
  case_id    uuid not null references collection_case,
  version    int not null,
  tenant_id  uuid not null references tenant,
  as_of      date not null,
  digest     bytea not null, -- SHA-256 of the manifest
  missing    jsonb not null default '[]',
  pdf_id     uuid not null references document,
  archive_id uuid not null references document,
  made_at    timestamptz not null,
  primary key (case_id, version)
);

-- +goose StatementBegin
do $$
declare t text;
begin
  foreach t in array array['case_evidence', 'case_dossier'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to voldaan_app using (tenant_id = (select current_tenant()))', t);
    execute format('grant select, insert on %I to voldaan_app', t);
  end loop;
end $$;
-- +goose StatementEnd
