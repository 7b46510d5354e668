-- What people look for among the ended sagas: by the beginning of a key, by name, and what was undone; ids are their order in time.
drop index lm.done_key;
create index done_key on lm.done (key text_pattern_ops, id);
create index done_def on lm.done (def, id);
create index done_undone on lm.done (id) where outcome = 8;

-- Takes away one portion of what is older than is kept: a whole day of journal or of ended sagas, or up to p_batch expired keys, or up to
-- p_batch rows of what is gone from the ledger. Answers how much that was; 0 when nothing is left, or when another host is at it.
-- To drop a partition stops all writing for a moment. So it waits for that no longer than writers do for anything, and never for the one
-- parent while it holds the other, which could meet a writer that has taken them in the other order.
create or replace function lm.forget(p_keep interval, p_batch int) returns int language plpgsql set lock_timeout = '1s' as $$
declare
  today date := (now() at time zone 'UTC')::date;
  old text;
  n int;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('lm.forget', 0)) then
    return 0;
  end if;
  -- A partition holds one day of UTC, whatever the session's time zone is.
  select c.relname into old
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
   where i.inhparent in ('lm.journal'::regclass, 'lm.done'::regclass) and c.relname ~ '_[0-9]{8}$'
     and (right(c.relname, 8)::date + 1)::timestamp at time zone 'UTC' <= now() - p_keep
   order by right(c.relname, 8), c.relname
   limit 1;
  if found then
    execute format('drop table lm.%I', old);
    return 1;
  end if;
  delete from lm.start_key k where k.ctid = any (array(
    select o.ctid from lm.start_key o
     where o.expires < today
       and not exists (select from lm.saga s where s.id = o.saga)
       and not exists (select from lm.inbox i where i.saga = o.saga and i.kind = 1)
     limit p_batch));
  get diagnostics n = row_count;
  if n > 0 then
    return n;
  end if;
  delete from lm.resource r where r.ctid = any (array(
    select o.ctid from lm.resource o where o.state = 4 and o.at < now() - p_keep limit p_batch));
  get diagnostics n = row_count;
  return n;
end $$;
