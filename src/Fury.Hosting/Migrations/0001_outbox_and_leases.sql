-- Events on their way to their listeners. A row lives from the commit that told it until every listener has returned, so the table is small.
create table hosting.outbox (
    id        bigint      generated always as identity primary key,
    type      text        not null,
    key       text        not null,
    body      jsonb       not null,
    told_at   timestamptz not null default clock_timestamp(),
    attempts  int         not null default 0,
    error     text,
    parked_at timestamptz
);

-- The parked ones are few and looked for by the health check.
create index outbox_parked on hosting.outbox (id) where parked_at is not null;

-- Fencing tokens: later holders get higher ones, over all leases.
create sequence hosting.fence;

-- Who holds what until when, by the clock of this server. Rows are never deleted; a lease given up has run out.
create table hosting.lease (
    name        text        primary key,
    token       bigint      not null,
    node        text        not null,
    incarnation uuid        not null,
    expires_at  timestamptz not null
);
