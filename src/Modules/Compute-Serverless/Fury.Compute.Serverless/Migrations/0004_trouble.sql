-- What keeps a host from hearing of a cluster, in words for people; null when nothing does.
alter table serverless.probe add column trouble text;
