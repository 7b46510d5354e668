-- Fencing tokens. Every incarnation of every host gets one; they only rise.
create sequence lm.epoch_seq;

-- The name space of the tokens that this installation sends to providers.
create table lm.installation (
  only_one boolean primary key default true check (only_one),
  space uuid not null default gen_random_uuid());
insert into lm.installation default values;

create table lm.host (
  id bigint primary key,
  name text not null,
  build text not null,
  epoch bigint not null,
  lease_until timestamptz not null,
  dead boolean not null default false) with (fillfactor = 10);

create table lm.shard (
  shard smallint primary key,
  owner bigint,
  epoch bigint not null default 0) with (fillfactor = 50);
insert into lm.shard (shard) select generate_series(0, 255);

create table lm.definition (
  def smallint not null,
  ver smallint not null,
  name text not null,
  manifest jsonb not null,
  primary key (def, ver),
  unique (name, ver));

-- Live sagas only. Nothing that changes is ever indexed here, so that every update stays on its page (HOT).
create table lm.saga (
  id bigint primary key,
  shard smallint not null,
  key text not null,
  def smallint not null,
  ver smallint not null,
  started_at timestamptz not null default now(),
  deadline timestamptz not null,
  input bytea not null,
  state smallint not null,
  step smallint not null,
  dir smallint not null,
  attempt int not null,
  seq int not null,
  due_at timestamptz,
  flags int not null default 0,
  data bytea not null)
  with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index saga_shard on lm.saga (shard);

create table lm.start_key (
  key text primary key,
  saga bigint not null,
  req_hash bytea not null,
  expires date not null);

-- Append only, by day; retention drops whole partitions.
create table lm.journal (
  saga bigint not null,
  seq int not null,
  at timestamptz not null default now(),
  host bigint not null,
  epoch bigint not null,
  kind smallint not null,
  step smallint not null,
  attempt int not null,
  data bytea) partition by range (at);
create index journal_saga on lm.journal (saga, seq);
create index journal_at on lm.journal using brin (at);

create table lm.done (
  id bigint not null,
  key text not null,
  def smallint not null,
  ver smallint not null,
  outcome smallint not null,
  started_at timestamptz not null,
  ended_at timestamptz not null default now(),
  deadline timestamptz not null,
  step smallint not null,
  attempt int not null,
  error text,
  input bytea not null,
  data bytea not null) partition by range (ended_at);
create index done_id on lm.done (id);
create index done_key on lm.done (key, ended_at);

-- Everything that was asked of a provider: 1 intended, 2 live, 3 deleting, 4 gone, 5 orphan.
create table lm.resource (
  token uuid primary key,
  saga bigint not null,
  step smallint not null,
  provider text not null,
  region text not null,
  kind text not null,
  external_id text,
  state smallint not null,
  at timestamptz not null default now()) with (fillfactor = 70);

-- Requests to whoever owns the shard, written in the caller's own transaction: 1 start, 2 cancel.
create table lm.inbox (
  id bigint generated always as identity,
  shard smallint not null,
  saga bigint not null,
  kind smallint not null,
  payload bytea not null,
  primary key (shard, id)) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Partitions of today and the days to come. Runs when a host joins and every few hours.
create function lm.ensure_partitions(p_days int) returns void language plpgsql as $$
declare
  day date;
  parent text;
begin
  perform pg_advisory_xact_lock(hashtextextended('lm.ensure_partitions', 0));
  for day in select (now() at time zone 'UTC')::date + n from generate_series(-1, p_days) n loop
    foreach parent in array array['journal', 'done'] loop
      if to_regclass(format('lm.%I', parent || to_char(day, '_YYYYMMDD'))) is null then
        execute format('create table lm.%I partition of lm.%I for values from (%L) to (%L)',
          parent || to_char(day, '_YYYYMMDD'), parent, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
      end if;
    end loop;
  end loop;
end $$;

-- The id of a definition, and whether its steps are those that live sagas of the same version began with.
create function lm.register(p_name text, p_ver smallint, p_manifest jsonb, out def smallint, out fits boolean) language plpgsql as $$
declare
  known jsonb;
begin
  lock table lm.definition in share row exclusive mode;
  select d.def into def from lm.definition d where d.name = p_name limit 1;
  if def is null then
    select coalesce(max(d.def), 0) + 1 into def from lm.definition d;
  end if;
  select d.manifest into known from lm.definition d where d.name = p_name and d.ver = p_ver;
  fits := true;
  if known is null then
    insert into lm.definition (def, ver, name, manifest) values (def, p_ver, p_name, p_manifest);
  elsif known <> p_manifest then
    fits := not exists (select from lm.saga s where s.def = register.def and s.ver = p_ver)
        and not exists (select from lm.inbox i where i.kind = 1);
    if fits then
      update lm.definition d set manifest = p_manifest where d.name = p_name and d.ver = p_ver;
    end if;
  end if;
end $$;

-- A start by anyone, in the caller's transaction: once per key.
create function lm.request_start(p_key text, p_hash bytea, p_saga bigint, p_shard smallint, p_payload bytea,
  out saga bigint, out same boolean, out fresh boolean) language plpgsql as $$
begin
  insert into lm.start_key (key, saga, req_hash, expires) values (p_key, p_saga, p_hash, current_date + 31)
    on conflict (key) do nothing;
  fresh := found;
  if fresh then
    insert into lm.inbox (shard, saga, kind, payload) values (p_shard, p_saga, 1, p_payload);
    saga := p_saga;
    same := true;
  else
    select k.saga, k.req_hash = p_hash into saga, same from lm.start_key k where k.key = p_key;
  end if;
end $$;
