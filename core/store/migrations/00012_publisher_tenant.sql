-- +goose Up
-- A publisher may also be an organisation here; its members see how its
-- connectors do.
alter table publisher add tenant_id uuid references tenant;
create unique index publisher_tenant on publisher (tenant_id) where tenant_id is not null;
grant update (tenant_id) on publisher to voldaan_app;
