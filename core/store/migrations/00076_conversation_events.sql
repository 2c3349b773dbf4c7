-- +goose Up
-- What a debtor writes, and what is answered, is told to programs; not its words.

-- +goose StatementBegin
create function event_of_correspondence() returns trigger language plpgsql as $$
begin
  perform emit_event(new.tenant_id, case new.direction when 'in' then 'message.received' else 'message.answered' end, 'correspondence', new.id, new.debtor_id, new.invoice_id,
    null, null, new.at, jsonb_build_object('channel', new.channel));
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_correspondence after insert on correspondence for each row execute function event_of_correspondence();
