create table access.audit (
    seq         bigint      primary key,
    at          timestamptz not null,
    caller      text        not null,
    via         text        not null,
    credential  text,
    from_where  text,
    method      text        not null,
    route       text        not null,
    path        text        not null,
    application text,
    scope       text,
    permission  text,
    denied      boolean     not null,
    status      int         not null,
    why         text,
    before      text,
    after       text,
    hash        bytea       not null
);

create index on access.audit (caller, seq);
create index on access.audit (application, seq);
create index on access.audit (at);

-- Only grows: whoever changes it must take this away first, and the chain of hashes shows it still.
create function access.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'The audit trail only grows.';
end
$$;

create trigger audit_only_grows before update or delete or truncate on access.audit for each statement execute function access.refuse();
