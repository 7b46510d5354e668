-- One number orders everything that changes routes (ADR 0006). Its row is locked from the change to its commit, so that whoever sees a
-- number also sees every change of a lower one.
create table mesh.revision (
    only_row boolean primary key default true check (only_row),
    value    bigint  not null
);

insert into mesh.revision (value) values (0);

-- Where a scope's requests go: [{"pool", "weight"}], replaced whole. Rows are never deleted; a scope that nothing serves has an empty list.
create table mesh.routing_table (
    scope        text        primary key,
    revision     bigint      not null,
    pools        jsonb       not null,
    fence        bigint      not null,
    published_at timestamptz not null default clock_timestamp()
);

create index routing_table_revision on mesh.routing_table (revision);

-- A pool's ready endpoints: [{"replica", "address", "port"}]. pool_revision is the engine's number, revision the mesh's.
create table mesh.pool (
    id            uuid        primary key,
    scope         text        not null,
    pool_revision bigint      not null,
    revision      bigint      not null,
    endpoints     jsonb       not null,
    retired_at    timestamptz
);

create index pool_revision on mesh.pool (revision);
create index pool_retired on mesh.pool (retired_at) where retired_at is not null;

-- Proxies and the last revision that each has applied; heard_at is the sign of life.
create table mesh.proxy (
    name        text        primary key,
    node        text        not null,
    incarnation uuid        not null,
    applied     bigint      not null,
    heard_at    timestamptz not null
);

-- Counters since the proxy started. The proxy '' is the sum of those that are gone.
create table mesh.traffic (
    pool           uuid     not null,
    proxy          text     not null,
    requests       bigint   not null,
    errors         bigint   not null,
    failures       bigint   not null,
    in_flight      int      not null,
    latency_counts bigint[] not null,
    primary key (pool, proxy)
) with (fillfactor = 70);

create index traffic_proxy on mesh.traffic (proxy);
