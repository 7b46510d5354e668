-- provider/region/group, as the engine says it.
alter table mesh.pool add column location text not null default '';

-- How proxies treat a scope's traffic, beside its weights. Rows are never deleted; the default is a policy too.
create table mesh.policy (
    scope    text   primary key,
    revision bigint not null,
    body     jsonb  not null
);

create index policy_revision on mesh.policy (revision);

-- What a scope calls: what was declared, and what its proxies have asked for. Its sidecars are told of these, and of nothing else.
create table mesh.dependency (
    scope    text   primary key,
    revision bigint not null,
    declared text[] not null default '{}',
    seen     text[] not null default '{}'
);

create index dependency_revision on mesh.dependency (revision);
