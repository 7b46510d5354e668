-- Clusters as people have registered them. The access names a file or a place; secrets are not kept here.
create table serverless.cluster (
    name        text primary key,
    facts       jsonb not null,
    access      jsonb not null,
    -- Grows with each change of any cluster, so that readers can tell whether they know the last.
    revision    bigint not null,
    created_at  timestamptz not null default now()
);

create sequence serverless.cluster_revision;

-- A wish for replicas, where they are to be, and what was seen of them. Retired pools stay as tombstones: a late wish must not bring one back to life.
create table serverless.pool (
    id          uuid primary key,
    scope       text not null,
    spec        jsonb not null,
    phase       text not null check (phase in ('active', 'retiring', 'retired')),
    revision    bigint not null,
    -- Grows with each wish; what is asked of clusters carries it.
    wish        bigint not null,
    -- The wish that has its places, and when the rest that found none is tried again.
    placed      bigint not null,
    retry_at    timestamptz,
    shares      jsonb not null,
    replicas    jsonb not null,
    unplaced    jsonb,
    -- False while the reconciler has something to do for it.
    settled     boolean not null,
    created_at  timestamptz not null default now()
);

create index pool_by_scope on serverless.pool (scope, created_at, id) where phase <> 'retired';
create index pool_unsettled on serverless.pool (retry_at) where not settled;
-- What a cluster holds, for whoever begins to watch it and for whoever empties it.
create index pool_by_share on serverless.pool using gin ((shares) jsonb_path_ops) where phase <> 'retired';

-- Who watches a cluster, and what was last seen of its room. Whoever writes what was seen takes the row first, and is refused when another has come since.
create table serverless.watch (
    cluster     text primary key,
    fence       bigint not null,
    seen        jsonb,
    -- By the database's clock.
    seen_at     timestamptz,
    -- Grows with each look, over all clusters.
    revision    bigint not null
);

create sequence serverless.watch_revision;
create index watch_by_revision on serverless.watch (revision);

-- What each host saw when it last called a cluster's control plane.
create table serverless.probe (
    cluster   text not null,
    host      text not null,
    at        timestamptz not null,
    answered  boolean not null,
    primary key (cluster, host)
);
