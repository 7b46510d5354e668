-- One row. Each change of a rule locks it first, so that a revision that is read means that all lower ones were, too.
create table deployments.rules (
    one boolean primary key default true check (one),
    revision bigint not null
);

insert into deployments.rules (revision) values (0);

-- Who has changed what, and why.
create table deployments.rule_change (
    revision bigint primary key,
    at timestamptz not null,
    made_by text not null,
    rule text not null,
    text text not null,
    reason text
);

create table deployments.freeze (
    name text collate "C" primary key,
    -- All of it, with its id: the same name made anew is another freeze.
    content jsonb not null,
    -- When it is over for good; null for one that recurs or has no end.
    over_at timestamptz
);

create table deployments.freeze_override (
    id uuid primary key,
    freeze_id uuid not null,
    application text not null,
    -- Null: every scope of the application.
    scope text,
    until timestamptz not null,
    reason text not null,
    asked_by text not null,
    asked_at timestamptz not null,
    -- Null until another person has confirmed it.
    confirmed_by text,
    confirmed_at timestamptz
);

create index freeze_override_of on deployments.freeze_override (freeze_id, id desc);
create index freeze_override_until on deployments.freeze_override (until);

create table deployments.veto (
    application text collate "C" not null,
    version text collate "C" not null,
    reason text not null,
    made_by text not null,
    at timestamptz not null,
    primary key (application, version)
);

create table deployments.pin (
    application text collate "C" not null,
    scope text collate "C" not null,
    reason text not null,
    made_by text not null,
    at timestamptz not null,
    primary key (application, scope)
);

create table deployments.approval_policy (
    criticality text primary key,
    to_begin integer not null,
    to_finalise integer not null
);

create table deployments.approval (
    deployment uuid not null references deployments.deployment (id),
    -- 'begin' or 'finalise': what it was said for.
    gate text not null,
    -- The name in small letters: a person counts once, however it is written.
    person text not null,
    made_by text not null,
    approves boolean not null,
    comment text,
    at timestamptz not null,
    primary key (deployment, gate, person)
);
