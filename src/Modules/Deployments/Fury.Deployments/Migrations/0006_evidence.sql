-- What was seen of a deployment at each tick, as it was: the judge can be asked again. The number makes two hosts write one stream.
create table deployments.evidence (
    deployment uuid not null,
    number integer not null,
    at timestamptz not null,
    tick text not null,
    primary key (deployment, number)
);

create index evidence_at on deployments.evidence using brin (at);

-- Where the judge was after some tick, so that a new driver needs to read few of them again.
create table deployments.judgement (
    deployment uuid primary key,
    scope text not null,
    number integer not null,
    at timestamptz not null,
    -- What the pools had met up to that tick.
    totals jsonb not null,
    state jsonb not null
);

create index judgement_of_scope on deployments.judgement (scope, at desc);
