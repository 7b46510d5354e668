create table catalog.service (
    application text collate "C" not null references catalog.application (name),
    kind        text not null,
    name        text collate "C" not null,
    created_at  timestamptz not null,
    primary key (application, kind, name)
);

-- Each epoch of each binding. An epoch without a route: from then on nothing is bound.
create table catalog.binding (
    application text collate "C" not null,
    scope       text collate "C" not null,
    kind        text not null,
    service     text collate "C" not null,
    epoch       bigint not null,
    route       jsonb,
    reason      text not null,
    bound_by    text not null,
    bound_at    timestamptz not null,
    primary key (application, scope, kind, service, epoch),
    foreign key (application, scope) references catalog.scope (application, name),
    foreign key (application, kind, service) references catalog.service (application, kind, name)
);

-- Grows with each change of a binding of the scope. Changed under the scope's row, so that the order of commits is the order of numbers.
alter table catalog.scope add column bindings bigint not null default 0;

-- What instances have said of themselves. No reference: an instance may tell of what is gone.
create table catalog.binding_holder (
    application text collate "C" not null,
    scope       text collate "C" not null,
    kind        text not null,
    service     text collate "C" not null,
    instance    text collate "C" not null,
    epoch       bigint not null,
    refused     text,
    seen_at     timestamptz not null,
    primary key (application, scope, kind, service, instance)
);

create index binding_holder_seen on catalog.binding_holder (seen_at);
