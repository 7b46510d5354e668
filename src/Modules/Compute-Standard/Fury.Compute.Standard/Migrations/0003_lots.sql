-- Instances are asked for in lots: so many of one place in one request. What was asked for before was a lot of its own, under its own id.
alter table standard.instance
    add column lot       uuid,
    add column provider  text,
    add column region    text,
    add column zone      text,
    add column type      text,
    add column market    text,
    -- When its provider takes it back; null while nothing was heard of that.
    add column ends_at   timestamptz;

update standard.instance
   set lot = instance.id, provider = pool.spec -> 'location' ->> 'provider', region = pool.spec -> 'location' ->> 'region', market = 'on-demand'
  from standard.pool
 where pool.id = instance.pool;

alter table standard.instance
    alter column lot set not null,
    alter column provider set not null,
    alter column region set not null,
    alter column market set not null;

create index instance_by_lot on standard.instance (lot);
create index instance_by_provider_id on standard.instance (provider_id);
-- Those that any host may look after, by where they are.
create index instance_shared on standard.instance (provider, region) where node is null;

-- When the reconciler has something to do for a pool; null: not before it changes.
alter table standard.pool add column due_at timestamptz;
update standard.pool set due_at = coalesce(retry_at, to_timestamp(0)) where not settled;
drop index standard.pool_unsettled;
alter table standard.pool drop column settled;
create index pool_due on standard.pool (due_at) where due_at is not null;

-- How many a pool's autoscaling wants, and whether it has any.
alter table standard.pool
    add column scaled      integer,
    add column autoscaled  boolean not null default false;
create index pool_autoscaled on standard.pool (id) where autoscaled;

-- What a scope's day looks like at a location: 144 numbers of 4 bytes, and how many days each has been seen, a byte each.
create table standard.day (
    scope     text not null,
    location  text not null,
    needs     bytea not null,
    primary key (scope, location)
);

-- Places that had no capacity or quota left; empty where there is no zone or type.
create table standard.outage (
    provider  text not null,
    region    text not null,
    zone      text not null,
    type      text not null,
    market    text not null,
    until     timestamptz not null,
    pause     interval not null,
    reason    text not null,
    primary key (provider, region, zone, type, market)
);
