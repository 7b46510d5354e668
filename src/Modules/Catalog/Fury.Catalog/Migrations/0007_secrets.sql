-- sealed opens with the platform's key alone, and only as the value of this very scope, name and version.
create table catalog.secret (
    application text collate "C" not null,
    scope       text collate "C" not null,
    name        text collate "C" not null,
    version     bigint not null,
    sealed      bytea not null,
    changed_at  timestamptz not null,
    changed_by  text not null,
    primary key (application, scope, name),
    foreign key (application, scope) references catalog.scope (application, name)
);

-- The highest version of the secrets that were removed: one of the same name begins above it, so that no version is two values.
alter table catalog.scope add column secrets_removed bigint not null default 0;
