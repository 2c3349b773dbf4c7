-- +goose Up
-- Why a person waived a fee, or took a writing for an acknowledgement, may name the
-- debtor; it goes when nothing keeps it (R116). The rest of an entry stays as it is.
grant update (why) on fee_entry to voldaan_app;

-- +goose StatementBegin
create or replace function erase_only() returns trigger language plpgsql as $$
declare whose uuid;
begin
  case tg_table_name
    when 'case_event', 'case_dossier', 'case_evidence' then select c.debtor_id into whose from collection_case c where c.id = old.case_id;
    when 'delivery_event' then select m.debtor_id into whose from message m where m.id = old.message_id;
    when 'fee_entry' then select i.debtor_id into whose from invoice i where i.id = old.invoice_id;
    else whose := old.debtor_id;
  end case;
  if not exists (select 1 from erasure e where e.debtor_id = whose and (e.state = 'anonymised' or tg_table_name = 'credit_report' and e.state = 'restricted')) then
    raise insufficient_privilege using message = 'a record of ' || tg_table_name || ' is proof and stays, as long as the debtor did not ask to be erased';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger erase_only before update on fee_entry for each row execute function erase_only();
