-- What applications inside of instances use, as their agents tell it: the newest of each instance and no row besides. Unlogged, since it costs half as much
-- and is told again within half a minute of a crash.
create unlogged table standard.usage (
    lot           uuid not null,
    -- The cloud's own name for the instance, which its agent knows; without the region.
    own_id        text not null,
    -- Which report it is of: the greatest boot, and in it the greatest sequence.
    boot          uuid not null,
    sequence      bigint not null,
    -- By the instance's clock, and by this one.
    measured_at   timestamptz not null,
    told_at       timestamptz not null,
    cpu_seconds   double precision not null,
    memory_bytes  bigint not null,
    kills         integer not null,
    primary key (lot, own_id)
)
-- No column that changes is in an index, so a new value takes the place of the last one within its page.
with (fillfactor = 50);
