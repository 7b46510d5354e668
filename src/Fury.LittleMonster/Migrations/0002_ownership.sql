-- A new incarnation of a host. The data folder's lock proves that an earlier one of the same name is dead.
create function lm.join(p_name text, p_build text, p_lease interval, out host bigint, out space uuid) language plpgsql as $$
begin
  update lm.host h set dead = true where h.name = p_name and not h.dead;
  host := nextval('lm.epoch_seq');
  insert into lm.host (id, name, build, epoch, lease_until) values (host, p_name, p_build, host, now() + p_lease);
  select i.space into space from lm.installation i;
  delete from lm.host h where h.dead and h.lease_until < now() - interval '1 day'
     and not exists (select from lm.shard s where s.owner = h.id);
end $$;

-- Renews the lease, declares dead who did not renew, and says how the shards stand. A host that was declared dead gets LM001.
create function lm.keep(p_host bigint, p_epoch bigint, p_lease interval,
  out at timestamptz, out hosts int, out free int) language plpgsql as $$
begin
  update lm.host h set lease_until = now() + p_lease where h.id = p_host and h.epoch = p_epoch and not h.dead;
  if not found then
    raise exception 'fenced' using errcode = 'LM001';
  end if;
  -- While the server was down nobody could renew; nobody is dead for that. A row that is locked belongs to somebody alive.
  if now() > pg_postmaster_start_time() + p_lease then
    update lm.host h set dead = true
     where h.id in (select o.id from lm.host o where o.lease_until < now() and not o.dead for update skip locked);
  end if;
  at := clock_timestamp();
  select count(*) into hosts from lm.host h where not h.dead;
  select count(*) into free from lm.shard s
   where s.owner is null or not exists (select from lm.host h where h.id = s.owner and not h.dead);
end $$;

-- Takes up to p_max shards that nobody alive owns.
create function lm.claim(p_host bigint, p_epoch bigint, p_max int) returns setof smallint language plpgsql as $$
begin
  perform 1 from lm.host h where h.id = p_host and h.epoch = p_epoch and not h.dead for share;
  if not found then
    raise exception 'fenced' using errcode = 'LM001';
  end if;
  return query
    update lm.shard s set owner = p_host, epoch = p_epoch
     where s.shard in (
       select f.shard from lm.shard f
        where f.owner is null or not exists (select from lm.host h where h.id = f.owner and not h.dead)
        order by f.shard limit p_max for update skip locked)
    returning s.shard;
end $$;

-- Leaves: nothing of this incarnation can be written any more, and its shards are free at once.
create function lm.leave(p_host bigint) returns void language sql as $$
  update lm.host set dead = true where id = p_host;
  update lm.shard set owner = null where owner = p_host;
$$;
