-- A wish for replicas and what has become of it. Retired pools stay as tombstones: a late wish must not bring one back to life.
create table standard.pool (
    id          uuid primary key,
    scope       text not null,
    spec        jsonb not null,
    phase       text not null check (phase in ('active', 'retiring', 'retired')),
    revision    bigint not null,
    problem     jsonb,
    -- Launches that failed since a replica was last ready, and when the next may begin.
    failures    integer not null,
    retry_at    timestamptz,
    -- False while the reconciler has something to do for it.
    settled     boolean not null,
    created_at  timestamptz not null default now()
);

create index pool_by_scope on standard.pool (scope, created_at, id) where phase <> 'retired';
create index pool_unsettled on standard.pool (retry_at) where not settled;

-- A replica, from the decision to launch it until its instance is gone.
create table standard.instance (
    id           uuid primary key,
    pool         uuid not null references standard.pool (id),
    phase        text not null check (phase in ('starting', 'ready', 'unready', 'stopping')),
    -- The host that asked the provider for it, and the one that checks its health.
    node         text,
    provider_id  text,
    address      text,
    port         integer not null,
    restarts     integer not null,
    reason       text,
    was_ready    boolean not null,
    -- The saga that launches it, for nudging.
    launch       bigint,
    -- Set once the saga that terminates it is started.
    terminating  boolean not null,
    stopping_at  timestamptz,
    created_at   timestamptz not null
);

create index instance_by_pool on standard.instance (pool);
create index instance_by_node on standard.instance (node);
