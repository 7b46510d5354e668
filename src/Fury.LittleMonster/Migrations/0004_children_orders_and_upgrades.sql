-- A saga that another one waits for, and the trace it belongs to (W3C traceparent).
alter table lm.saga add column parent bigint, add column trace text;

-- An ended saga keeps what it needs to come back: its parent may be undone, and then so is it.
alter table lm.done add column seq int not null default 0, add column parent bigint, add column trace text;

-- Of lines that tell of a call: when it began, by the database's time, and how many seconds it took.
alter table lm.journal add column began timestamptz, add column took real;

-- The order in which sagas of one key get their turns, whoever reads them back; no clock has a say in it.
create sequence lm.turn_seq;
alter table lm.saga add column turn bigint not null default nextval('lm.turn_seq');

-- Room for several versions of a row on its page, so that a burst of steps stays on it (HOT).
alter table lm.saga set (fillfactor = 35);

-- The fencing token of what a host does. It rises with every claim, and so per saga with every change of hands: the epoch of an incarnation
-- would fall when an older host takes over from a younger one.
alter table lm.host add column fence bigint;
update lm.host set fence = epoch;

-- Keys are compared as bytes, whatever language the database speaks.
alter table lm.start_key alter column key type text collate "C";

-- Expired keys are found by block, so that looking for them costs the starts nothing.
create index start_key_expires on lm.start_key using brin (expires);

-- Kinds of lm.inbox: 1 start, 2 cancel, 3 signal, 4 retry, 5 skip, 6 revert.

-- The sagas that were started under these keys; state 0 while a start waits in the inbox. A sealed key is nobody's for ever after.
create function lm.look(p_keys text[], p_seal boolean)
returns table (n int, saga bigint, state smallint, error text, data bytea) language plpgsql as $$
#variable_conflict use_column
begin
  if p_seal then
    insert into lm.start_key (key, saga, req_hash, expires)
      select u.key, 0, ''::bytea, current_date + 31 from unnest(p_keys) u(key) order by u.key
      on conflict (key) do nothing;
  end if;
  return query
    select u.n::int, k.saga, coalesce(s.state, d.outcome, 0::smallint), coalesce(d.error, ''), coalesce(d.data, s.data)
      from unnest(p_keys) with ordinality u(key, n)
      join lm.start_key k on k.key = u.key and k.saga <> 0
      left join lm.saga s on s.id = k.saga
      left join lm.done d on d.id = k.saga and s.id is null
     order by u.n;
end $$;

create or replace function lm.join(p_name text, p_build text, p_lease interval, out host bigint, out space uuid) language plpgsql as $$
begin
  update lm.host h set dead = true where h.name = p_name and not h.dead;
  host := nextval('lm.epoch_seq');
  insert into lm.host (id, name, build, epoch, fence, lease_until) values (host, p_name, p_build, host, host, now() + p_lease);
  select i.space into space from lm.installation i;
  delete from lm.host h where h.dead and h.lease_until < now() - interval '1 day'
     and not exists (select from lm.shard s where s.owner = h.id);
end $$;

-- Takes up to p_max shards that nobody alive owns, under a new fencing token.
drop function lm.claim;
create function lm.claim(p_host bigint, p_epoch bigint, p_max int, out fence bigint, out shards smallint[]) language plpgsql as $$
begin
  update lm.host h set fence = nextval('lm.epoch_seq') where h.id = p_host and h.epoch = p_epoch and not h.dead
    returning h.fence into fence;
  if not found then
    raise exception 'fenced' using errcode = 'LM001';
  end if;
  with taken as (
    update lm.shard s set owner = p_host, epoch = claim.fence
     where s.shard in (
       select f.shard from lm.shard f
        where f.owner is null or not exists (select from lm.host h where h.id = f.owner and not h.dead)
        order by f.shard limit p_max for update skip locked)
    returning s.shard)
  select coalesce(array_agg(t.shard order by t.shard), '{}') into shards from taken t;
end $$;
