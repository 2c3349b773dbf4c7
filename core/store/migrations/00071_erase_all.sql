-- +goose Up
-- Records of proof stay as they are, but for a debtor who asked to be erased: a
-- report goes when they ask, words about them go when nothing keeps them (R116).
grant delete on credit_report, case_dossier, case_evidence to voldaan_app;
grant update (detail) on delivery_event to voldaan_app;
grant update (text, detail) on case_event to voldaan_app;
grant update (reason) on decision to voldaan_app;

-- +goose StatementBegin
create function erase_only() returns trigger language plpgsql as $$
declare whose uuid;
begin
  case tg_table_name
    when 'case_event', 'case_dossier', 'case_evidence' then select c.debtor_id into whose from collection_case c where c.id = old.case_id;
    when 'delivery_event' then select m.debtor_id into whose from message m where m.id = old.message_id;
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
create trigger erase_only before delete on credit_report for each row execute function erase_only();
create trigger erase_only before update on case_event for each row execute function erase_only();
create trigger erase_only before delete on case_dossier for each row execute function erase_only();
create trigger erase_only before delete on case_evidence for each row execute function erase_only();
create trigger erase_only before update on delivery_event for each row execute function erase_only();
create trigger erase_only before update on decision for each row execute function erase_only();

-- What debtors write on an order may name them; the books may still tell it.
-- +goose StatementBegin
create function keep_erased_invoice() returns trigger language plpgsql as $$
begin
  if exists (select 1 from erasure e where e.debtor_id = new.debtor_id and e.state = 'anonymised') then
    new.reference := ''; new.url := '';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger keep_erased before insert or update on invoice for each row execute function keep_erased_invoice();

-- Everything about a debtor that files, tasks and holds may be about.
create function about_debtor(debtor uuid) returns setof uuid
  language sql stable
  as $$
    select debtor
    union all select i.id from invoice i where i.debtor_id = debtor
    union all select m.id from message m where m.debtor_id = debtor
    union all select c.id from correspondence c where c.debtor_id = debtor
    union all select d.id from dispute d where d.debtor_id = debtor
    union all select p.id from promise p where p.debtor_id = debtor
    union all select p.id from paid_claim p where p.debtor_id = debtor
    union all select p.id from payment_plan p where p.debtor_id = debtor
    union all select p.id from payment p where p.debtor_id = debtor
    union all select l.id from legal_stop l where l.debtor_id = debtor
    union all select m.id from mandate m where m.debtor_id = debtor
    union all select d.id from debit d where d.debtor_id = debtor
    union all select c.id from collection_case c where c.debtor_id = debtor
    union all select n.id from bailiff_note n join collection_case c on c.id = n.case_id where c.debtor_id = debtor
  $$;
