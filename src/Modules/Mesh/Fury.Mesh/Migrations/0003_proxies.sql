-- Proxies by name: what they follow, and where they are connected. Written when they come, follow more, or go; never while nothing happens.
drop table mesh.proxy;

create table mesh.proxy (
    name         text        primary key,
    node         text        not null,
    incarnation  uuid        not null,
    caller       text        not null,
    agent        text        not null,
    scopes       text[]      not null,
    connected_at timestamptz not null,
    left_at      timestamptz
);

create index proxy_scopes on mesh.proxy using gin (scopes);
create index proxy_left on mesh.proxy (left_at) where left_at is not null;

-- What each host says of itself once a second, and at once when it has news: the revision it has loaded, and who of its proxies is behind with which
-- scope. One row a host, however many proxies it has.
create table mesh.host (
    node        text        primary key,
    incarnation uuid        not null,
    heard_at    timestamptz not null,
    revision    bigint      not null,
    behind      jsonb       not null
) with (fillfactor = 30);

-- Counters since the host's process started, for each pool; the source '' is the sum of those that are gone.
alter table mesh.traffic rename column proxy to source;
alter index mesh.traffic_proxy rename to traffic_source;

-- Whether a proxy belongs to a replica that is ready.
create index pool_endpoints on mesh.pool using gin (endpoints jsonb_path_ops);
