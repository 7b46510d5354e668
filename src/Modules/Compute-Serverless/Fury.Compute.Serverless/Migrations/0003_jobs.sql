-- Runs of jobs. The whole of one is in its column run; the others are what is looked for.
create table serverless.run (
    id               uuid primary key,
    scope            text not null,
    -- Whose time it was, and which; a time of a schedule is run once.
    schedule         text,
    due_at           timestamptz,
    phase            text not null,
    cluster          text,
    -- Nothing of it is in a cluster.
    clean            boolean not null,
    -- Nothing is left to do for it: it has ended, and the room that it was promised is given back.
    settled          boolean not null,
    -- When it is tried again to find a place, and until when; it waits for those that it replaces.
    retry_at         timestamptz,
    start_by         timestamptz not null,
    replaces         uuid[] not null,
    run              jsonb not null,
    idempotency_key  text,
    request_hash     text,
    ended_at         timestamptz,
    unique (scope, schedule, due_at)
);

create index run_of_scope on serverless.run (scope, id desc);
create index run_unsettled on serverless.run (id) where not settled;
create index run_in_cluster on serverless.run (cluster) where not clean;
create unique index run_key on serverless.run (scope, idempotency_key) where idempotency_key is not null;

-- The last lines of a run, which outlive what it had in its cluster. Text, since a line may hold what jsonb may not.
create table serverless.run_log (
    run    uuid primary key references serverless.run (id) on delete cascade,
    lines  text not null
);

create table serverless.schedule (
    scope          text not null,
    name           text not null,
    schedule       jsonb not null,
    -- Null: never again, or paused.
    next_at        timestamptz,
    primary key (scope, name)
);

create index schedule_due on serverless.schedule (next_at);
