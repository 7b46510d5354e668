-- Control planes of many clusters brought to one version, in waves.
create table serverless.upgrade (
    id uuid primary key,
    name text collate "C" not null unique,
    -- Of what was asked for: the same again is the same upgrade.
    request_hash text not null,
    -- To which control planes are brought, e.g. 1.34.
    version text collate "C" not null,
    -- With its clusters, in the order of their turns: some hundreds at most.
    record jsonb not null,
    ended_at timestamptz
);

create index upgrade_active on serverless.upgrade (id) where ended_at is null;
create index upgrade_of_version on serverless.upgrade (version, id);
