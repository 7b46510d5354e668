-- What is about to be done. The transaction that writes its row of the trail takes it away; what stays is of a host that has ended in between.
create table access.asked (
    id    uuid        primary key,
    at    timestamptz not null,
    entry jsonb       not null
);

create index on access.asked (at);
