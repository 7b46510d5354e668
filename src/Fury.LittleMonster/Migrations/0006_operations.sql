-- What people look for among the ended sagas: by the beginning of a key, by name, and what was undone; ids are their order in time.
drop index lm.done_key;
create index done_key on lm.done (key text_pattern_ops, id);
create index done_def on lm.done (def, id);
create index done_undone on lm.done (id) where outcome = 8;

-- Lines of sagas that outlived the day they were written on.
create table lm.journal_kept (like lm.journal);
create index journal_kept_saga on lm.journal_kept (saga, seq);

-- Takes away one portion of what is older than is kept: a whole day of journal or of ended sagas, or up to p_batch rows of what lives and
-- ends row by row: expired keys, what is gone from the ledger, lines that were kept. Answers how much that was; 0 when nothing is left, or
-- when another host is at it. What a live saga did stays, and so do the ends of its children, of which it asks again after a crash.
-- To drop a partition stops all writing for a moment. So it waits for that no longer than writers do for anything, and never for the one
-- parent while it holds the other, which could meet a writer that has taken them in the other order.
create function lm.forget(p_keep interval, p_batch int) returns int language plpgsql set lock_timeout = '1s' as $$
declare
  today date := (now() at time zone 'UTC')::date;
  old text;
  until timestamptz;
  n int;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('lm.forget', 0)) then
    return 0;
  end if;
  -- A partition holds one day of UTC, whatever the session's time zone is.
  select p.relname, p.until into old, until
    from (select c.relname, (right(c.relname, 8)::date + 1)::timestamp at time zone 'UTC' as until
            from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent in ('lm.journal'::regclass, 'lm.done'::regclass) and c.relname ~ '_[0-9]{8}$') p
   where p.until <= now() - p_keep
   order by p.until, p.relname
   limit 1;
  if found then
    if old like 'journal%' then
      execute format('
        insert into lm.journal_kept (saga, seq, at, host, epoch, kind, step, attempt, data, began, took)
          select j.saga, j.seq, j.at, j.host, j.epoch, j.kind, j.step, j.attempt, j.data, j.began, j.took
            from lm.saga s join lm.%I j on j.saga = s.id where s.started_at < $1', old) using until;
    else
      execute format('
        insert into lm.done (id, key, def, ver, seq, outcome, started_at, deadline, step, attempt, error, input, data, parent, trace)
          select d.id, d.key, d.def, d.ver, d.seq, d.outcome, d.started_at, d.deadline, d.step, d.attempt, d.error, d.input, d.data,
              d.parent, d.trace
            from lm.saga s join lm.%I d on d.parent = s.id where s.started_at < $1', old) using until;
    end if;
    execute format('drop table lm.%I', old);
    return 1;
  end if;
  delete from lm.start_key k where k.ctid = any (array(
    select o.ctid from lm.start_key o
     where o.expires < today
       and not exists (select from lm.saga s where s.id = o.saga)
       and not exists (select from lm.inbox i where i.saga = o.saga and i.kind = 1)
       and not exists (select from lm.done d join lm.saga s on s.id = d.parent where d.id = o.saga)
     limit p_batch));
  get diagnostics n = row_count;
  if n > 0 then
    return n;
  end if;
  delete from lm.resource r where r.ctid = any (array(
    select o.ctid from lm.resource o where o.state = 4 and o.at < now() - p_keep limit p_batch));
  get diagnostics n = row_count;
  if n > 0 then
    return n;
  end if;
  delete from lm.journal_kept k where k.ctid = any (array(
    select o.ctid from lm.journal_kept o
     where not exists (select from lm.saga s where s.id = o.saga) and not exists (select from lm.done d where d.id = o.saga)
     limit p_batch));
  get diagnostics n = row_count;
  return n;
end $$;
