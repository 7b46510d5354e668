create table access.role (
    name        text        primary key,
    permissions text[]      not null,
    created_at  timestamptz not null
);

create table access.grant_of_role (
    id           uuid        primary key,
    role         text        not null,
    subject_kind text        not null,
    subject      text        not null,
    level_kind   text        not null,
    level        text        not null,
    created_by   text        not null,
    created_at   timestamptz not null,
    unique (subject_kind, subject, role, level_kind, level),
    -- Owners are of each application another; a level would name some of them twice.
    check (subject_kind <> 'owners' or level_kind = 'organisation')
);

-- Grows with each change of a role or a grant, so that hosts see that what they remember is old.
create table access.change (
    single  boolean primary key default true check (single),
    version bigint  not null
);

insert into access.change (version) values (1);

-- Teams own applications: whoever is in the group of the owning team develops them. It may be removed as any other.
insert into access.grant_of_role (id, role, subject_kind, subject, level_kind, level, created_by, created_at)
values ('0193b000-0000-7000-8000-000000000001', 'developer', 'owners', '', 'organisation', '', 'fury', now());
