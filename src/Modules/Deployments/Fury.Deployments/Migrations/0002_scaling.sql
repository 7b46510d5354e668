-- One row for each scope whose size follows the clock or its requests, or did so and is not yet as it was before.
create table deployments.scaling (
    application text collate "C" not null,
    scope text collate "C" not null,
    -- The version of the routes from which on proxies hold requests while no pool can take them; null while they do not.
    held_from bigint,
    -- Since when what the scope runs sleeps; what a deployment has ended with is awake.
    asleep_since timestamptz,
    -- Of the host that has put it to sleep; one that no longer holds the lease puts nothing to sleep.
    fence bigint not null default 0,
    primary key (application, scope)
);
