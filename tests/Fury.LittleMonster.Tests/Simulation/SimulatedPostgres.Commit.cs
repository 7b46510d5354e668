namespace Fury.LittleMonster.Tests.Simulation;

/// <summary><c>lm.commit_batch</c>, and what a lane asks when its answer was lost.</summary>
internal sealed partial class SimulatedPostgres
{
    public IReadOnlyDictionary<long, CommitResult.Late> Commit(HostLease lease, IReadOnlyList<CommitItem> items)
    {
        var host = Alive(lease.Host);
        var changes = new Changes();
        var written = new List<(CommitItem Item, SagaTuple? Before, SagaTuple After, IReadOnlyList<JournalTuple> Journal)>();
        var late = new Dictionary<long, CommitResult.Late>();
        var (won, begun) = (new HashSet<long>(), new HashSet<long>());
        try
        {
            var writes = items.Where(item => item.Write is not null).ToArray();
            foreach (var item in writes.Where(item => item.Start?.Key is not null).OrderBy(item => item.Start!.Key, StringComparer.Ordinal))
            {
                Win(changes, item, won, late);
            }

            foreach (var item in writes.Where(item => item.Start is not null && !late.ContainsKey(item.Saga.Id.Value)))
            {
                if (Begins(item, won) && Insert(changes, host, item) is { } fresh)
                {
                    begun.Add(fresh.Id);
                    written.Add((item, null, fresh, [Journal[fresh.Id][^1]]));
                }
            }

            var others = writes.Where(item => item.Start is null).ToArray();
            foreach (var item in others.Where(item => item.Write!.Revive))
            {
                Revive(changes, item);
            }

            foreach (var item in others.Where(item => !item.Saga.IsFinal).Concat(others.Where(item => item.Saga.IsFinal)))
            {
                if (Move(changes, item) is var (before, after))
                {
                    written.Add((item, before, after, Append(changes, host, item)));
                }
            }

            foreach (var item in writes.Where(item => item.Start is null || begun.Contains(item.Saga.Id.Value)))
            {
                Enter(changes, lease, item);
            }
        }
        catch
        {
            changes.RollBack();
            throw;
        }

        var used = items.SelectMany(item => item.Inbox).Where(_inbox.ContainsKey).Select(row => _inbox[row]).ToArray();
        if (_flaws.LostWrites > 0 && chance.NextDouble() < _flaws.LostWrites)
        {
            changes.RollBack();
            return late;
        }

        foreach (var row in used)
        {
            _inbox.Remove(row.Id);
        }

        Tell(host, written, used);
        return late;
    }

    public bool WasCommitted(HostLease host, IReadOnlyList<CommitItem> items)
    {
        var witness = items.FirstOrDefault(item => item is { Start: null, Write.Journal.Count: > 0 })
            ?? items.FirstOrDefault(item => item.Start is not null);
        return witness is not null && Journal.TryGetValue(witness.Saga.Id.Value, out var journal)
            && journal.Exists(row => row.Seq == (witness.Write?.SeqBefore ?? 0) + 1 && row.Host == host.Host);
    }

    public IReadOnlyDictionary<long, CommitResult.Late> Late(IReadOnlyList<CommitItem> items)
    {
        var late = new Dictionary<long, CommitResult.Late>();
        foreach (var item in items.Where(item => item.Start?.Key is not null))
        {
            if (_keys.TryGetValue(item.Start!.Key!, out var kept) && kept.Saga != item.Saga.Id.Value)
            {
                late[item.Saga.Id.Value] = IsLate(item, kept);
            }
        }

        return late;
    }

    private static CommitResult.Late IsLate(CommitItem item, KeyTuple kept) =>
        new(new SagaId(kept.Saga), kept.Hash.AsSpan().SequenceEqual(item.Start!.Hash));

    private void Win(Changes changes, CommitItem item, HashSet<long> won, Dictionary<long, CommitResult.Late> late)
    {
        var (start, saga) = (item.Start!, item.Saga.Id.Value);
        if (!_keys.TryGetValue(start.Key!, out var kept) || (_flaws.NoSeal && kept.Saga == 0))
        {
            changes.Set(_keys, start.Key!, new KeyTuple(saga, start.Hash!));
            won.Add(saga);
        }
        else if (kept.Saga != saga)
        {
            late[saga] = IsLate(item, kept);
        }
    }

    /// <summary>Not again, when it was begun by a call that was done before.</summary>
    private bool Begins(CommitItem item, HashSet<long> won)
    {
        var saga = item.Saga.Id.Value;
        return _flaws.LateStarts
            || (item.Start!.Key is null ? WaitingStart(saga) is not null : won.Contains(saga) || !Ended.ContainsKey(saga));
    }

    private SagaTuple? Insert(Changes changes, HostTuple host, CommitItem item)
    {
        var saga = item.Saga;
        if (Live.ContainsKey(saga.Id.Value))
        {
            return null;
        }

        var row = new SagaTuple(saga.Id.Value, saga.Shard, saga.Key, item.Start!.Definition, saga.Version)
        {
            StartedAt = Now,
            Deadline = Micros(saga.Deadline),
            Input = SagaCodec.Bytes(saga.Input),
            State = saga.State,
            DueAt = Micros(saga.DueAt),
            Flags = SagaRow.Flags(saga),
            Data = SagaCodec.Data(saga),
            Parent = saga.Parent?.Value,
            Trace = saga.Trace,
            Turn = ++_turns,
        };
        changes.Set(Live, row.Id, row);
        Append(changes, row.Id, new JournalTuple(1, host.Id, host.Fence, JournalKind.Started, 0, 1, []));
        return row;
    }

    private void Revive(Changes changes, CommitItem item)
    {
        if (!Ended.TryGetValue(item.Saga.Id.Value, out var ended))
        {
            return;
        }

        if (Live.ContainsKey(ended.Id))
        {
            throw new InvalidOperationException($"duplicate key value violates unique constraint: saga {ended.Id} is live and has ended");
        }

        changes.Remove(Ended, ended.Id);
        changes.Set(
            Live,
            ended.Id,
            ended with { Shard = item.Saga.Shard, Undoing = false, DueAt = null, Flags = 0, Error = null, EndedAt = null, Turn = ++_turns });
    }

    private (SagaTuple Before, SagaTuple After)? Move(Changes changes, CommitItem item)
    {
        var saga = item.Saga;
        if (!Live.TryGetValue(saga.Id.Value, out var row) || (row.Seq != item.Write!.SeqBefore && !_flaws.NoSeqCheck))
        {
            return _flaws.NoSeqCheck ? null : throw new MisfitException($"LM002: saga {saga.Id} is at {row?.Seq}, not at {item.Write!.SeqBefore}");
        }

        var moved = row with { Seq = saga.Seq, State = saga.State, Step = saga.Step, Attempt = saga.Attempt, Data = SagaCodec.Data(saga) };
        if (saga.IsFinal)
        {
            changes.Remove(Live, row.Id);
            moved = moved with { Error = saga.Fault?.Message, EndedAt = Now };
            changes.Set(Ended, row.Id, moved);
            return (row, moved);
        }

        moved = moved with
        {
            Version = saga.Version,
            Undoing = saga.Undoing,
            DueAt = Micros(saga.DueAt),
            Deadline = Micros(saga.Deadline),
            Flags = SagaRow.Flags(saga),
            Input = item.Write.NewInput ? SagaCodec.Bytes(saga.Input) : row.Input,
        };
        changes.Set(Live, row.Id, moved);
        return (row, moved);
    }

    private List<JournalTuple> Append(Changes changes, HostTuple host, CommitItem item)
    {
        var added = new List<JournalTuple>();
        foreach (var entry in item.Write!.Journal)
        {
            var row = new JournalTuple(
                item.Write.SeqBefore + added.Count + 1, host.Id, host.Fence, entry.Kind, entry.Step, entry.Attempt, SagaCodec.Bytes(entry.Data));
            Append(changes, item.Saga.Id.Value, row);
            added.Add(row);
        }

        return added;
    }

    private void Append(Changes changes, long saga, JournalTuple row)
    {
        if (!Journal.TryGetValue(saga, out var journal))
        {
            changes.Set(Journal, saga, journal = []);
        }

        changes.Add(journal, row);
    }

    private void Enter(Changes changes, HostLease lease, CommitItem item)
    {
        foreach (var change in item.Write!.Ledger)
        {
            var token = SagaToken.Of(lease.Space, item.Saga.Id, lease.StepName(item.Saga, change.Step));
            var known = _resources.GetValueOrDefault(token);
            changes.Set(_resources, token, known is null
                ? new ResourceTuple(item.Saga.Id.Value, change.Step, change.Entry, change.ExternalId, change.State)
                : known with { State = change.State, ExternalId = change.ExternalId ?? known.ExternalId });
        }
    }

    private void Tell(
        HostTuple host,
        List<(CommitItem Item, SagaTuple? Before, SagaTuple After, IReadOnlyList<JournalTuple> Journal)> written,
        InboxRow[] used)
    {
        if (Watch is null)
        {
            return;
        }

        foreach (var (item, before, after, journal) in written)
        {
            Watch.Written(host, item, before, after, journal);
        }

        var sagas = used.Length == 0 ? null : written.Select(one => one.After.Id).ToHashSet();
        foreach (var row in used)
        {
            Watch.UsedUp(host, row, sagas!);
        }
    }

    /// <summary>PostgreSQL keeps microseconds.</summary>
    private static DateTimeOffset Micros(DateTimeOffset time) => new(time.UtcTicks / 10 * 10, TimeSpan.Zero);

    private static DateTimeOffset? Micros(DateTimeOffset? time) => time is { } some ? Micros(some) : null;
}
