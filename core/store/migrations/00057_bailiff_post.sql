-- +goose Up
-- Cases by e-mail and SFTP, answers by e-mail, and money that a bailiff received.

-- The public half of the key that we sign in with at an SFTP server.
alter table bailiff add public_key text not null default '';

alter table case_handover
  -- Since when an attempt to hand over is under way whose end is not known; what
  -- cannot be sent twice waits for a person then.
  add tried_at    timestamptz,
  -- The page on which the bailiff fetches an archive that is too large for e-mail,
  -- and the code that proves whose mailbox it is.
  add link        text,
  add link_until  timestamptz,
  add code_hash   bytea,
  add code_until  timestamptz,
  add code_tries  int not null default 0,
  add fetched_at  timestamptz;
create unique index case_handover_link on case_handover (link) where link is not null;

alter table bailiff_note
  add tried_at    timestamptz,
  -- What became of money that the bailiff reports: booked, waiting for a person,
  -- or refused by one.
  add booking     text not null default '' check (booking in ('', 'booked', 'waiting', 'refused')),
  add booking_why text not null default '',
  add payment_id  uuid references payment;

-- Money that a bailiff received for the creditor.
alter table payment drop constraint payment_source_check;
alter table payment add constraint payment_source_check check (source in ('books', 'bank', 'mollie', 'manual', 'bailiff'));

create policy door on case_handover for select to voldaan_door using (true);
grant select on case_handover to voldaan_door;

create function door_handover(handover uuid) returns uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$ select h.tenant_id from case_handover h where h.id = handover $$;

create function door_handover_link(link text) returns table (tenant_id uuid, handover_id uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select h.tenant_id, h.id from case_handover h where h.link = door_handover_link.link $$;

-- +goose StatementBegin
do $$
declare f text;
begin
  grant create on schema public to voldaan_door;
  foreach f in array array['door_handover(uuid)', 'door_handover_link(text)'] loop
    execute format('alter function %s owner to voldaan_door', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to voldaan_app', f);
  end loop;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
