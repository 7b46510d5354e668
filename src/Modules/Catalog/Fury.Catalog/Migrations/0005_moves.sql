-- While data moves: where to and in which phase, {"target": route, "phase": word}; the route beside it is where it comes from.
alter table catalog.binding add column move jsonb;

-- That of the fencing tokens of locks, where it is not the binding's own.
alter table catalog.binding add column token_epoch bigint;

-- The newest move of each service. While it has not ended, nobody else changes the binding, and of those who move it only who has the highest token.
create table catalog.binding_move (
    application text collate "C" not null,
    scope       text collate "C" not null,
    kind        text not null,
    service     text collate "C" not null,
    move        uuid not null,
    token       bigint not null,
    ended       boolean not null,
    primary key (application, scope, kind, service)
);
