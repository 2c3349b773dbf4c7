-- +goose Up
-- The link of an archive is kept as its SHA-256, so that who reads the database
-- cannot fetch one. Links that were sent stay valid.

alter table case_handover add link_hash bytea;
update case_handover set link_hash = sha256(convert_to(link, 'UTF8')) where link is not null;
create unique index case_handover_link_hash on case_handover (link_hash) where link_hash is not null;

drop function door_handover_link(text);
alter table case_handover drop column link;

create function door_handover_link(hash bytea) returns table (tenant_id uuid, handover_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select h.tenant_id, h.id from case_handover h where h.link_hash = hash $$;

-- +goose StatementBegin
do $$
begin
  grant create on schema public to voldaan_door;
  alter function door_handover_link(bytea) owner to voldaan_door;
  revoke all on function door_handover_link(bytea) from public;
  grant execute on function door_handover_link(bytea) to voldaan_app;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
