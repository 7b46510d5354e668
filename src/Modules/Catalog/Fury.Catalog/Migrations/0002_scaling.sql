-- {"schedules", "inFlightPerReplica", "sleepAfterSeconds"}; null where the size follows nothing.
alter table catalog.scope add column scaling jsonb;

create index scope_scaled on catalog.scope (application, name) where scaling is not null;
