-- Names compare by their bytes (collate "C"), so that lists have one order on every server.

create table catalog.application (
    name        text collate "C" primary key,
    team        text not null,
    criticality text not null,
    revision    bigint not null,
    created_at  timestamptz not null
);

create table catalog.scope (
    application  text collate "C" not null references catalog.application (name),
    name         text collate "C" not null,
    compute      text not null,
    criticality  text not null,
    workload     text not null,
    cpu_millis   integer not null,
    memory_mib   integer not null,
    min_replicas integer not null,
    max_replicas integer not null,
    environment  jsonb not null,
    health_path  text not null,
    revision     bigint not null,
    created_at   timestamptz not null,
    primary key (application, name)
);

-- A version never changes once it is here. precedence sorts like Semantic Versioning does.
create table catalog.version (
    application text collate "C" not null references catalog.application (name),
    name        text collate "C" not null,
    precedence  text collate "C" not null,
    artifact    jsonb not null,
    environment jsonb not null,
    created_at  timestamptz not null,
    primary key (application, name)
);

create unique index version_precedence on catalog.version (application, precedence);

-- A release never changes. id is the head of digest, the hash over all that content holds.
create table catalog.release (
    id          text collate "C" primary key,
    number      bigint generated always as identity,
    digest      text not null,
    application text collate "C" not null,
    scope       text collate "C" not null,
    version     text collate "C" not null,
    content     jsonb not null,
    created_at  timestamptz not null,
    foreign key (application, scope) references catalog.scope (application, name),
    foreign key (application, version) references catalog.version (application, name)
);

create unique index release_scope on catalog.release (application, scope, number);
