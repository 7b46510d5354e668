-- One row for each scope that was ever deployed to. It is locked first, before any row of deployments.deployment.
create table deployments.scope (
    application text not null,
    scope text not null,
    -- What the scope runs: the plan of its pool. Null until a deployment has ended with something to serve.
    current jsonb,
    -- Two deployments never own the same scope: there is one place for the owner.
    in_progress uuid,
    -- The one that begins when the one in progress has ended.
    waiting uuid,
    -- Grows with each deployment and with each driver that takes one over.
    fence bigint not null default 0,
    primary key (application, scope)
);

create table deployments.deployment (
    id uuid primary key,
    application text not null,
    scope text not null,
    shard integer not null,
    strategy text not null,
    phase text not null,
    release text not null,
    revision bigint not null,
    fence bigint not null default 0,
    -- The lease token of the driver; a holder of an older lease can not take the deployment back.
    driver_token bigint not null default 0,
    state jsonb not null,
    idempotency_key text,
    request_hash text,
    created_at timestamptz not null,
    ended_at timestamptz
);

create index deployment_live on deployments.deployment (shard, id) where ended_at is null;
create index deployment_of_scope on deployments.deployment (application, scope, id desc);
create index deployment_done on deployments.deployment (application, scope, ended_at desc) where phase = 'done';
create unique index deployment_key on deployments.deployment (application, scope, idempotency_key) where idempotency_key is not null;

create table deployments.event (
    deployment uuid not null references deployments.deployment (id),
    number bigint not null,
    at timestamptz not null,
    phase text not null,
    message text not null,
    data jsonb not null,
    primary key (deployment, number)
);

-- Pools that a deployment could not take down safely before it had to end; taken down as soon as it is safe.
create table deployments.leftover (
    pool uuid primary key,
    application text not null,
    scope text not null,
    plan jsonb not null,
    drain_until timestamptz not null,
    created_at timestamptz not null
);
