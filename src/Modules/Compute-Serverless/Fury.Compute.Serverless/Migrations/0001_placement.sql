-- Capacity that is promised and not yet seen in use: so many replicas of a pool in a cluster, counted absolutely, so that writing the same
-- promise twice is one promise. A row goes when as many replicas are bound, or when its time has passed and the cluster has reported since.
create table serverless.reservation (
    pool        uuid not null,
    cluster     text not null,
    cpu_millis  integer not null check (cpu_millis > 0),
    memory_mib  integer not null check (memory_mib > 0),
    -- Replicas by zone.
    zones       jsonb not null,
    -- As last seen.
    bound       integer not null,
    granted_at  timestamptz not null,
    expires_at  timestamptz not null,
    primary key (pool, cluster)
);

-- The last decision for each pool, with what led to it.
create table serverless.decision (
    pool      uuid primary key,
    decision  jsonb not null
);

-- One row: the fence of the one who may promise. Whoever writes takes the row first, and is refused when another has come since.
create table serverless.applier (
    only_row  boolean primary key default true check (only_row),
    fence     bigint not null
);

insert into serverless.applier (fence) values (0);
