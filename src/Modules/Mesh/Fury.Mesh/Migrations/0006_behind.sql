-- Who of a host's proxies is behind with a scope: a list of notes. A row for each such scope, so that a change costs what has changed and a question
-- what it is about. A row of an earlier process of the host is not read.
alter table mesh.host drop column behind;

create table mesh.behind (
    scope       text  not null,
    node        text  not null,
    incarnation uuid  not null,
    notes       jsonb not null,
    primary key (scope, node)
) with (fillfactor = 70);

create index behind_incarnation on mesh.behind (incarnation);
