-- One change for many scopes, in waves.
create table deployments.campaign (
    id uuid primary key,
    name text collate "C" not null unique,
    -- Of what was asked for: the same again is the same campaign.
    request_hash text not null,
    record jsonb not null,
    ended_at timestamptz
);

create index campaign_active on deployments.campaign (id) where ended_at is null;

create table deployments.campaign_target (
    campaign uuid not null references deployments.campaign (id) on delete cascade,
    -- In the order of turns, from 0.
    place integer not null,
    wave integer not null,
    application text not null,
    scope text not null,
    -- Null: the version that the scope runs, with its settings as they are then.
    version text,
    -- 'waiting', 'running', 'done', 'failed' or 'skipped'.
    state text not null default 'waiting',
    deployment uuid,
    reason text,
    -- When it was refused for now, for the first and the last time.
    since timestamptz,
    tried_at timestamptz,
    primary key (campaign, place)
);

create index campaign_target_open on deployments.campaign_target (campaign, wave) where state in ('waiting', 'running');
create index campaign_target_failed on deployments.campaign_target (campaign) where state = 'failed';
