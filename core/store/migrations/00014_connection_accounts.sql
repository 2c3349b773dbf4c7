-- +goose Up
-- Calls of packages that have one address for all users of our registration.

-- What a package calls the accounts that a connection may read. Several
-- connections, of several tenants, may read the same one.
create table connection_account (
  connection_id uuid not null references connection,
  account       text not null,
  tenant_id     uuid not null references tenant,
  connector     text not null,
  primary key (connection_id, account)
);
create index connection_account_of on connection_account (connector, account);

alter table connection_account enable row level security;
alter table connection_account force row level security;
create policy tenant on connection_account to voldaan_app using (tenant_id = (select current_tenant()));
create policy door on connection_account for select to voldaan_door using (true);
grant select, insert, update, delete on connection_account to voldaan_app;
grant select on connection_account to voldaan_door;

-- How many calls came to the common address of a connector, and how many events
-- of accounts that nobody connected; nothing of what was in them.
create table connector_calls (
  connector  text primary key,
  calls      bigint not null default 0,
  refused    bigint not null default 0,
  events     bigint not null default 0,
  unknown    bigint not null default 0,
  unknown_at timestamptz
);
grant select, insert, update on connector_calls to voldaan_app;

-- Who is to hear of events of these accounts, and whether they read at all now.
create function door_accounts(of_connector text, of_accounts text[]) returns table (account text, connection_id uuid, tenant_id uuid, reads boolean)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select a.account, a.connection_id, a.tenant_id, c.state in ('connected', 'broken')
    from connection_account a join connection c on c.id = a.connection_id
    where a.connector = of_connector and a.account = any (of_accounts) and c.state <> 'removed'
  $$;

-- Connections that were removed before schedules were ended with them.
insert into outbox (tenant_id, kind, subject_id)
  select a.tenant_id, 'sync.unschedule', a.id from administration a join connection c on c.id = a.connection_id where c.state = 'removed';

-- +goose StatementBegin
do $$
begin
  grant create on schema public to voldaan_door;
  alter function door_accounts(text, text[]) owner to voldaan_door;
  revoke all on function door_accounts(text, text[]) from public;
  grant execute on function door_accounts(text, text[]) to voldaan_app;
  revoke create on schema public from voldaan_door;
end $$;
-- +goose StatementEnd
