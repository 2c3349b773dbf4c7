-- +goose Up
-- A publisher may also be an organisation here; its members see how its
-- connectors do.
alter table publisher add organisation uuid references tenant;
create unique index publisher_organisation on publisher (organisation) where organisation is not null;
grant update (organisation) on publisher to voldaan_app;
