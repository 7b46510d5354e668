-- As before, with parents, traces, times of calls, versions that change, and ended sagas that come back.
drop function lm.commit_batch;

-- All that one flush of a lane writes, for many sagas: one call, one transaction, one check of the fence. Answers the starts that came
-- too late for their key. LM001: this host was declared dead. LM002: a saga is not where its owner thinks it is (a bug, or an answer lost).
create function lm.commit_batch(
  p_host bigint, p_epoch bigint,
  s_id bigint[], s_shard smallint[], s_key text[], s_def smallint[], s_ver smallint[], s_deadline timestamptz[], s_input bytea[],
  s_state smallint[], s_due timestamptz[], s_flags int[], s_data bytea[], s_start_key text[], s_hash bytea[], s_parent bigint[],
  s_trace text[],
  b_id bigint[], b_shard smallint[],
  t_id bigint[], t_prev int[], t_seq int[], t_ver smallint[], t_state smallint[], t_step smallint[], t_dir smallint[], t_attempt int[],
  t_due timestamptz[], t_deadline timestamptz[], t_flags int[], t_input bytea[], t_data bytea[],
  d_id bigint[], d_prev int[], d_seq int[], d_outcome smallint[], d_step smallint[], d_attempt int[], d_error text[], d_data bytea[],
  j_saga bigint[], j_seq int[], j_kind smallint[], j_step smallint[], j_attempt int[], j_began timestamptz[], j_took real[],
  j_data bytea[],
  r_token uuid[], r_saga bigint[], r_step smallint[], r_provider text[], r_region text[], r_kind text[], r_external text[],
  r_state smallint[],
  i_shard smallint[], i_id bigint[])
returns table (late_saga bigint, kept_saga bigint, same boolean) language plpgsql as $$
#variable_conflict use_column
declare
  n int;
  fence bigint;
  lost boolean := false;
  stale boolean := false;
  begun bigint[];
begin
  -- FOR SHARE leaves no dead row version, and conflicts with the update that declares this host dead: that waits for us, or we see it.
  select h.fence into fence from lm.host h where h.id = p_host and h.epoch = p_epoch and not h.dead for share;
  if not found then
    raise exception 'fenced' using errcode = 'LM001';
  end if;

  if cardinality(s_id) > 0 then
    -- In the order of the keys, so that two hosts with the same keys in hand cannot wait for each other.
    insert into lm.start_key (key, saga, req_hash, expires)
      select u.start_key, u.id, u.hash, current_date + 31
        from unnest(s_id, s_start_key, s_hash) u(id, start_key, hash)
       where u.start_key is not null
       order by u.start_key
      on conflict (key) do nothing;
    get diagnostics n = row_count;
    lost := n < cardinality(array_remove(s_start_key, null));
    if lost then
      return query
        select u.id, k.saga, k.req_hash = u.hash
          from unnest(s_id, s_start_key, s_hash) u(id, start_key, hash)
          join lm.start_key k on k.key = u.start_key
         where k.saga <> u.id;
    end if;
    -- A call that is done long after its caller gave up finds its starts done, and perhaps ended: those are not begun again. One with a key has
    -- won it before, and one from the inbox has taken its row away.
    with fresh as (
      insert into lm.saga
          (id, shard, key, def, ver, deadline, input, state, step, dir, attempt, seq, due_at, flags, data, parent, trace)
        select u.id, u.shard, u.key, u.def, u.ver, u.deadline, u.input, u.state, 0, 0, 1, 1, u.due, u.flags, u.data, u.parent, u.trace
          from unnest(
              s_id, s_shard, s_key, s_def, s_ver, s_deadline, s_input, s_state, s_due, s_flags, s_data, s_start_key, s_parent, s_trace)
            u(id, shard, key, def, ver, deadline, input, state, due, flags, data, start_key, parent, trace)
         where case
           when u.start_key is null then exists (select from lm.inbox i where i.shard = u.shard and i.saga = u.id and i.kind = 1)
           else not lost or (exists (select from lm.start_key k where k.key = u.start_key and k.saga = u.id)
             and not exists (select from lm.done d where d.id = u.id))
         end
      on conflict (id) do nothing
      returning id),
    told as (
      insert into lm.journal (saga, seq, host, epoch, kind, step, attempt)
        select fresh.id, 1, p_host, fence, 1, 0, 1 from fresh)
    select coalesce(array_agg(fresh.id), '{}') into begun from fresh;
    stale := cardinality(begun) < cardinality(s_id);
  end if;

  if cardinality(b_id) > 0 then
    with back as (
      delete from lm.done d using unnest(b_id, b_shard) u(id, shard) where d.id = u.id returning d.*, u.shard)
    insert into lm.saga
        (id, shard, key, def, ver, started_at, deadline, input, state, step, dir, attempt, seq, data, parent, trace)
      select b.id, b.shard, b.key, b.def, b.ver, b.started_at, b.deadline, b.input, b.outcome, b.step, 0, b.attempt, b.seq,
          b.data, b.parent, b.trace
        from back b;
  end if;

  if cardinality(t_id) > 0 then
    update lm.saga s
       set seq = u.seq, ver = u.ver, state = u.state, step = u.step, dir = u.dir, attempt = u.attempt, due_at = u.due,
           deadline = u.deadline, flags = u.flags, input = coalesce(u.input, s.input), data = u.data
      from unnest(
          t_id, t_prev, t_seq, t_ver, t_state, t_step, t_dir, t_attempt, t_due, t_deadline, t_flags, t_input, t_data)
        u(id, prev, seq, ver, state, step, dir, attempt, due, deadline, flags, input, data)
     where s.id = u.id and s.seq = u.prev;
    get diagnostics n = row_count;
    if n <> cardinality(t_id) then
      raise exception 'LM002: % of % transitions fit', n, cardinality(t_id) using errcode = 'LM002';
    end if;
  end if;

  if cardinality(d_id) > 0 then
    with ended as (
      delete from lm.saga s
       using unnest(d_id, d_prev, d_seq, d_outcome, d_step, d_attempt, d_error, d_data)
          u(id, prev, seq, outcome, step, attempt, error, data)
       where s.id = u.id and s.seq = u.prev
      returning s.id, s.key, s.def, s.ver, u.seq, u.outcome, s.started_at, s.deadline, u.step, u.attempt, u.error, s.input, u.data,
          s.parent, s.trace)
    insert into lm.done (id, key, def, ver, seq, outcome, started_at, deadline, step, attempt, error, input, data, parent, trace)
      select * from ended;
    get diagnostics n = row_count;
    if n <> cardinality(d_id) then
      raise exception 'LM002: % of % endings fit', n, cardinality(d_id) using errcode = 'LM002';
    end if;
  end if;

  if cardinality(j_saga) > 0 then
    insert into lm.journal (saga, seq, host, epoch, kind, step, attempt, began, took, data)
      select u.saga, u.seq, p_host, fence, u.kind, u.step, u.attempt, u.began, u.took, u.data
        from unnest(j_saga, j_seq, j_kind, j_step, j_attempt, j_began, j_took, j_data)
          u(saga, seq, kind, step, attempt, began, took, data);
  end if;

  if cardinality(r_token) > 0 then
    insert into lm.resource as r (token, saga, step, provider, region, kind, external_id, state)
      select u.token, u.saga, u.step, u.provider, u.region, u.kind, u.external, u.state
        from unnest(r_token, r_saga, r_step, r_provider, r_region, r_kind, r_external, r_state)
          u(token, saga, step, provider, region, kind, external, state)
       where not stale or u.saga <> all (s_id) or u.saga = any (begun)
      on conflict (token) do update
         set state = excluded.state, external_id = coalesce(excluded.external_id, r.external_id), at = now();
  end if;

  if cardinality(i_id) > 0 then
    delete from lm.inbox i using unnest(i_shard, i_id) u(shard, id) where i.shard = u.shard and i.id = u.id;
  end if;
end $$;
