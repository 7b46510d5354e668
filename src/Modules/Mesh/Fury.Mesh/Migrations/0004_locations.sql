-- What requests to each location met within the last minute, as each host's proxies say. A row of a host that says nothing any more is not read.
create table mesh.location (
    node      text        not null,
    provider  text        not null,
    region    text        not null,
    "group"   text        not null,
    requests  bigint      not null,
    failed    bigint      not null,
    at        timestamptz not null,
    primary key (node, provider, region, "group")
) with (fillfactor = 50);
