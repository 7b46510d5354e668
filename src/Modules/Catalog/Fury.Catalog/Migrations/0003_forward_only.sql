-- Deployments of such a version never turn back by themselves.
alter table catalog.version add column forward_only boolean not null default false;
