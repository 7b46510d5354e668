namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>What is broken in the model on purpose, to see that the simulation sees it.</summary>
internal sealed record Flaws
{
    /// <summary>A host that was declared dead can still write.</summary>
    public bool NoFence { get; init; }

    /// <summary>A write counts wherever its saga is.</summary>
    public bool NoSeqCheck { get; init; }

    /// <summary>Of this share of commits that were acknowledged nothing is left.</summary>
    public double LostWrites { get; init; }

    /// <summary>Each incarnation of a host sends other tokens.</summary>
    public bool NewTokens { get; init; }

    /// <summary>A key that was sealed can be won.</summary>
    public bool NoSeal { get; init; }

    /// <summary>A start that is done long after its caller gave up begins its saga again.</summary>
    public bool LateStarts { get; init; }
}

/// <summary>
/// The model of PostgreSQL with the schema <c>lm</c>: its tables, and each function of the migrations as one method that happens at one
/// moment, whole or not at all. The suite <c>SagaStoreContract</c> holds it to what the real one does.
/// </summary>
internal sealed partial class SimulatedPostgres(Func<TimeSpan> elapsed, Random chance, Flaws? flaws = null)
{
    private static readonly Guid Space = Guid.Parse("b1e1f1a0-0000-4000-8000-000000000002");

    private readonly Flaws _flaws = flaws ?? new();
    private readonly Dictionary<short, (long? Owner, long Fence)> _shards =
        Enumerable.Range(0, SagaToken.ShardsMax).ToDictionary(shard => (short)shard, _ => ((long?)null, 0L));

    private readonly Dictionary<long, HostTuple> _hosts = [];
    private readonly Dictionary<long, long> _hostsByFence = [];
    private readonly Dictionary<(string Name, int Version), (short Definition, string Manifest)> _definitions = [];
    private readonly Dictionary<string, KeyTuple> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, InboxRow> _inbox = [];
    private readonly Dictionary<Guid, ResourceTuple> _resources = [];
    private int? _free;
    private long _epochs;
    private long _turns;
    private long _inboxIds;
    private long _processes;
    private DateTimeOffset _startedAt = SimulatedTime.Begin - TimeSpan.FromDays(1);

    /// <summary>Told of every commit of a lane, once it has happened.</summary>
    public ICommitWatch? Watch { get; set; }

    public DateTimeOffset Now => SimulatedTime.Begin + elapsed();

    public Dictionary<long, SagaTuple> Live { get; } = [];

    public Dictionary<long, SagaTuple> Ended { get; } = [];

    public Dictionary<long, List<JournalTuple>> Journal { get; } = [];

    public IReadOnlyCollection<InboxRow> Waiting => _inbox.Values;

    public HostTuple? Host(long id) => _hosts.GetValueOrDefault(id);

    public HostTuple? HostOfFence(long fence) => _hostsByFence.TryGetValue(fence, out var host) ? _hosts[host] : null;

    public long? OwnerOf(short shard) => _shards[shard].Owner;

    public string NameOf(short definition) => _definitions.First(one => one.Value.Definition == definition).Key.Name;

    public IReadOnlyCollection<ResourceTuple> Resources => _resources.Values;

    /// <summary>The server begins anew, with all that was committed.</summary>
    public void Restart() => _startedAt = Now;

    public long NextProcess() => ++_processes;

    public (short Definition, bool Fits) Register(string name, int version, string manifest)
    {
        var known = _definitions.Where(one => one.Key.Name == name).Select(one => (short?)one.Value.Definition).FirstOrDefault();
        var definition = known ?? (short)(_definitions.Values.Select(one => one.Definition).DefaultIfEmpty().Max() + 1);
        var fits = !_definitions.TryGetValue((name, version), out var same) || same.Manifest == manifest
            || (!Live.Values.Any(saga => saga.Definition == definition && saga.Version == version)
                && !_inbox.Values.Any(row => row.Kind == (short)InboxKind.Start));
        if (fits)
        {
            _definitions[(name, version)] = (definition, manifest);
        }

        return (definition, fits);
    }

    public IReadOnlyList<(short Definition, int Version, string Name, string Manifest)> Definitions() =>
        [.. _definitions.Select(one => (one.Value.Definition, one.Key.Version, one.Key.Name, one.Value.Manifest))];

    public IReadOnlyList<SagaTuple> Load(IReadOnlyCollection<short> shards)
    {
        var set = shards.ToHashSet();
        return [.. Live.Values.Where(saga => set.Contains(saga.Shard)).OrderBy(saga => saga.Turn)];
    }

    public SagaTuple? Find(long saga) => Live.GetValueOrDefault(saga) ?? Ended.GetValueOrDefault(saga);

    public StartAnswer RequestStart(string key, byte[] hash, long saga, short shard, byte[] payload)
    {
        if (_keys.TryGetValue(key, out var kept) && !(_flaws.NoSeal && kept.Saga == 0))
        {
            return new StartAnswer(new SagaId(kept.Saga), kept.Hash.AsSpan().SequenceEqual(hash), false);
        }

        _keys[key] = new KeyTuple(saga, hash);
        Request(shard, saga, InboxKind.Start, payload);
        return new StartAnswer(new SagaId(saga), true, true);
    }

    public void Request(short shard, long saga, InboxKind kind, byte[] payload)
    {
        var id = ++_inboxIds;
        _inbox[id] = new InboxRow(id, shard, saga, (short)kind, payload);
    }

    public IReadOnlyList<InboxRow> Inbox(IReadOnlyCollection<short> shards, IReadOnlyCollection<long> known, int limit)
    {
        if (_inbox.Count == 0)
        {
            return [];
        }

        var (own, seen) = (shards.ToHashSet(), known.ToHashSet());
        return [.. _inbox.Values.Where(row => own.Contains(row.Shard) && !seen.Contains(row.Id)).Take(limit)];
    }

    public byte[]? WaitingStart(long saga) =>
        _inbox.Values.FirstOrDefault(row => row.Saga == saga && row.Kind == (short)InboxKind.Start)?.Payload;

    public IReadOnlyList<KeptStart> Look(IReadOnlyList<string> keys, bool seal)
    {
        foreach (var key in seal ? keys.Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            _keys.TryAdd(key, new KeyTuple(0, []));
        }

        var kept = new List<KeptStart>();
        for (var index = 0; index < keys.Count; index++)
        {
            if (_keys.TryGetValue(keys[index], out var key) && key.Saga != 0)
            {
                var (live, ended) = (Live.GetValueOrDefault(key.Saga), Ended.GetValueOrDefault(key.Saga));
                kept.Add(new KeptStart(
                    index,
                    new SagaId(key.Saga),
                    live?.State ?? ended?.State,
                    live is null ? ended?.Error ?? "" : "",
                    (live ?? ended)?.Data));
            }
        }

        return kept;
    }
}

/// <summary>Sees each commit of a lane, as the database does.</summary>
internal interface ICommitWatch
{
    /// <param name="before">The row of the saga before, live or ended; null when there was none.</param>
    /// <param name="after">The row of the saga after.</param>
    void Written(HostTuple host, CommitItem item, SagaTuple? before, SagaTuple after, IReadOnlyList<JournalTuple> journal);

    /// <summary>A request was taken out of the inbox; by a commit that wrote these sagas.</summary>
    void UsedUp(HostTuple host, InboxRow row, IReadOnlySet<long> written);
}
