-- Whether the judge fails a stable pool against itself: one split of each deployment that ended well and whose ticks tell replicas.
create table deployments.calibration (
    deployment uuid primary key,
    night date not null,
    seed integer not null,
    ticks integer not null,
    -- Null where too few ticks tell of two replicas or more: there is nothing to split.
    verdict text,
    sentence text
);

create index calibration_night on deployments.calibration (night);
