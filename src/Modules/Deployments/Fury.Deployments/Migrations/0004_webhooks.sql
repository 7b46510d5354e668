-- Who wants to hear of deployments. An empty list stands for all.
create table deployments.webhook (
    name text collate "C" primary key,
    url text not null,
    -- Signs each delivery. It is read for that alone and never shown.
    secret text not null,
    teams text[] not null,
    applications text[] not null,
    -- Names in which * stands for any letters.
    scopes text[] not null,
    phases text[] not null,
    enabled boolean not null,
    created_at timestamptz not null
);

-- An event of a deployment for one of them. Those of the same deployment and webhook are a lane: they are delivered in the order of their numbers.
create table deployments.delivery (
    id bigint generated always as identity primary key,
    webhook text collate "C" not null references deployments.webhook (name) on delete cascade,
    deployment uuid not null,
    number bigint not null,
    -- 'pending', 'delivered' or 'dead'.
    state text not null default 'pending',
    -- It is its lane's turn: the only one of the lane that is looked for.
    head boolean not null default false,
    -- Of a head: when it is tried, or, while a host is at it, when that host is given up.
    due_at timestamptz not null,
    attempts integer not null default 0,
    -- Since when it is tried for.
    since timestamptz not null,
    -- What came of the last attempt that failed.
    error text,
    ended_at timestamptz,
    unique (deployment, webhook, number)
);

create unique index delivery_lane on deployments.delivery (deployment, webhook) where head;
create index delivery_due on deployments.delivery (webhook, due_at) where head;
create index delivery_state on deployments.delivery (webhook, state, id);
create index delivery_delivered on deployments.delivery (ended_at) where state = 'delivered';
