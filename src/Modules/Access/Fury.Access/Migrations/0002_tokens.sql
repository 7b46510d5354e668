create table access.token (
    id             uuid        primary key,
    -- A name is used once: what the audit trail says of it stays true.
    name           text        not null unique,
    hash           bytea       not null,
    previous_hash  bytea,
    previous_until timestamptz,
    role           text        not null,
    level          text        not null,
    -- Null: made by an administrator of the platform, and bounded by its grants alone.
    owner          text,
    owner_groups   text[]      not null,
    created_by     text        not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    revoked_at     timestamptz,
    last_used_at   timestamptz,
    last_used_from text
);

create index on access.token (owner, id);

create table access.session (
    hash       bytea       primary key,
    id         uuid        not null unique,
    name       text        not null,
    groups     text[]      not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index on access.session (expires_at);

-- Who has begun to log in with a browser and has not come back yet.
create table access.login (
    state      bytea       primary key,
    verifier   text        not null,
    nonce      text        not null,
    return_to  text        not null,
    created_at timestamptz not null
);

create index on access.login (created_at);
