-- Hosts that look after instances, and when each last did.
create table standard.node (
    name     text primary key,
    seen_at  timestamptz not null
);
