-- Takes up to p_max shards that nobody alive owns, under a new fencing token. In two looks: a shard that another host takes between the first look and
-- its lock has an owner that the first look may be too old to know, as it has only just joined; so who is alive is asked again under the locks.
create or replace function lm.claim(p_host bigint, p_epoch bigint, p_max int, out fence bigint, out shards smallint[]) language plpgsql as $$
declare
  held smallint[];
begin
  update lm.host h set fence = nextval('lm.epoch_seq') where h.id = p_host and h.epoch = p_epoch and not h.dead
    returning h.fence into fence;
  if not found then
    raise exception 'fenced' using errcode = 'LM001';
  end if;
  select array_agg(f.shard) into held from (
    select f.shard from lm.shard f
     where f.owner is null or not exists (select from lm.host h where h.id = f.owner and not h.dead)
     order by f.shard limit p_max for update skip locked) f;
  with taken as (
    update lm.shard s set owner = p_host, epoch = claim.fence
     where s.shard = any (held) and (s.owner is null or not exists (select from lm.host h where h.id = s.owner and not h.dead))
    returning s.shard)
  select coalesce(array_agg(t.shard order by t.shard), '{}') into shards from taken t;
end $$;
