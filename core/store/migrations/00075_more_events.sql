-- +goose Up
-- More of what people and rules decide is told to programs: credit, flows, texts,
-- figures of law, letters. Things with a name instead of an id get an id of it.

-- +goose StatementBegin
create or replace function event_of_audit() returns trigger language plpgsql as $$
declare
  of_kind text := split_part(new.subject, '/', 1);
  name text := substr(new.subject, length(split_part(new.subject, '/', 1)) + 2);
  verb text := split_part(new.action, ' ', 1);
  of_id uuid;
  kind text;
  debtor uuid; invoice uuid; cur text; minor bigint;
  facts jsonb := '{}';
begin
  kind := case
    when verb ~ '^(promise|plan|dispute|mandate|debit|case|paid_claim|legal_stop|invoice|debtor|credit|flow|text)\.[a-z_]+$' then verb
    when verb = 'hold' then 'hold.set'
    when verb = 'resume' then 'hold.released'
    when verb = 'letter_returned' then 'message.returned'
    when verb = 'letter_posted' then 'message.posted'
    when verb = 'letters_batched' then 'letters.batched'
    when verb = 'letters_unbatched' then 'letters.undone'
    when verb = 'law_set' then 'law.changed'
    when verb = 'approve_figure' then 'law.figure_approved'
    when verb = 'exchange_rates' then 'law.rates_given'
    when verb = 'one_off' then 'invoice.claimed'
  end;
  if kind is null then return null; end if;
  if name ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    of_id := name::uuid;
  elsif split_part(kind, '.', 1) in ('flow', 'text', 'law', 'credit') and of_kind <> 'segment' then
    of_id := md5(new.tenant_id::text || '/' || new.subject)::uuid;
    facts := jsonb_build_object('name', nullif(name, ''));
  elsif split_part(kind, '.', 1) = 'flow' then -- the name of a segment is somebody's own words
    of_id := md5(new.tenant_id::text || '/' || new.subject)::uuid;
  else
    return null;
  end if;
  case of_kind
    when 'invoice' then select i.debtor_id, i.id, i.currency, i.open_minor into debtor, invoice, cur, minor from invoice i where i.id = of_id;
    when 'debtor' then debtor := of_id;
    when 'promise' then select p.debtor_id, p.invoice_id, p.currency, p.amount_minor into debtor, invoice, cur, minor from promise p where p.id = of_id;
    when 'plan' then select p.debtor_id, p.currency, p.principal_minor + p.costs_minor + p.interest_minor into debtor, cur, minor from payment_plan p where p.id = of_id;
    when 'dispute' then select d.debtor_id, d.invoice_id, d.currency, d.amount_minor into debtor, invoice, cur, minor from dispute d where d.id = of_id;
    when 'paid_claim' then select p.debtor_id, p.invoice_id, p.currency, p.amount_minor into debtor, invoice, cur, minor from paid_claim p where p.id = of_id;
    when 'legal_stop' then select l.debtor_id into debtor from legal_stop l where l.id = of_id;
    when 'mandate' then select m.debtor_id into debtor from mandate m where m.id = of_id;
    when 'debit' then select d.debtor_id, d.currency, d.amount_minor into debtor, cur, minor from debit d where d.id = of_id;
    when 'case' then select c.debtor_id, c.currency, c.principal_minor into debtor, cur, minor from collection_case c where c.id = of_id;
    when 'message' then select m.debtor_id into debtor from message m where m.id = of_id;
    else null;
  end case;
  if kind in ('credit.limit_passed', 'credit.within_limit') then
    -- R122: what is at stake, and the limit that counts.
    facts := new.detail;
  end if;
  perform emit_event(new.tenant_id, kind, of_kind, of_id, debtor, invoice, cur, minor, new.at, facts);
  return null;
end $$;
-- +goose StatementEnd

-- A flow was rehearsed.
-- +goose StatementBegin
create function event_of_rehearsal() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and new.state in ('done', 'failed') then
    perform emit_event(new.tenant_id, case new.state when 'done' then 'flow.rehearsed' else 'flow.rehearsal_failed' end, 'rehearsal', new.id, null, null, null, null, event_now(new.tenant_id), '{}');
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger event_of_rehearsal after update of state on rehearsal for each row execute function event_of_rehearsal();
