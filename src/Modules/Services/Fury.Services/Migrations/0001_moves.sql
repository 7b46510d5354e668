-- Moves of the data of a service to another provider. Whoever runs one takes a turn of it: what an earlier turn writes is refused, so that one who is
-- thought dead and is not does no harm. Of those who take turns, none with a lower fence than was seen.
create table services.move (
    id              uuid primary key,
    application     text collate "C" not null,
    scope           text collate "C" not null,
    kind            text not null,
    service         text collate "C" not null,
    -- The binding before it: {"epoch": 6, "route": {...}, "tokenEpoch": 6}.
    source          jsonb not null,
    target          jsonb not null,
    require         text[] not null,
    keys_per_second double precision,
    saga            bigint not null,
    step            text not null,
    epoch           bigint not null,
    -- Where in the pass over all keys; null at its start.
    cursor          text,
    keys            bigint not null default 0,
    -- The most keys that a pass has seen.
    seen            bigint not null default 0,
    wants_back      boolean not null default false,
    turn            bigint not null default 0,
    fence           bigint not null default 0,
    waits_for       text,
    outcome         text check (outcome in ('moved', 'returned', 'refused')),
    reason          text not null,
    begun_by        text not null,
    begun_at        timestamptz not null default now(),
    changed_at      timestamptz not null default now(),
    ended_at        timestamptz
);

create unique index move_under_way on services.move (application, scope, kind, service) where ended_at is null;
create index move_of_service on services.move (application, scope, kind, service, begun_at);
