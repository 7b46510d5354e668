using Fury.Hosting;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>The way from one process to the server and back.</summary>
internal interface IWire
{
    /// <summary>Has the server do the work. What it throws arrives as it is; a way that is broken is an <see cref="IOException"/>.</summary>
    Task<T> Call<T>(TimeSpan timeout, Func<T> work, CancellationToken cancellation);

    /// <summary>Hears notices until the connection breaks, which ends it with an <see cref="IOException"/>.</summary>
    Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation);

    /// <summary>The server sends a notice to all who listen; called at the server.</summary>
    void Notify(string channel, string payload);
}

/// <summary>The three stores of one process, over the model of PostgreSQL.</summary>
internal sealed class SimulatedConnections(SimulatedPostgres server, IWire wire, SagaRegistry registry) : ISagaStore, IMembers
{
    private static readonly TimeSpan MemberTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string, int), short> _ids = [];
    private readonly Dictionary<short, string> _names = [];

    public ILaneStore Lane(HostLease host) => new LaneConnection(server, wire, host);

    public long Process { get; private set; }

    public async Task Register(CancellationToken cancellation)
    {
        Process = Process == 0 ? await Ask(server.NextProcess, cancellation) : Process;
        foreach (var definition in registry.All.Where(definition => !_ids.ContainsKey((definition.Name, definition.Version))))
        {
            var manifest = SagaRegistry.Manifest(definition);
            var (number, fits) = await Ask(() => server.Register(definition.Name, definition.Version, manifest), cancellation);
            if (!fits)
            {
                throw new InvalidOperationException($"The steps of saga {definition.Name} have changed under version {definition.Version}.");
            }

            _ids[(definition.Name, definition.Version)] = number;
        }

        await Names(cancellation);
    }

    /// <summary>No run lasts as long as anything is kept.</summary>
    public Task<int> Forget(TimeSpan keep, int rowsMax, CancellationToken cancellation) => Ask(() => 0, cancellation);

    public short DefinitionId(SagaDefinition definition) => _ids[(definition.Name, definition.Version)];

    public async Task<IReadOnlyList<SagaRow>> Load(short[] shards, CancellationToken cancellation) =>
        await Read(await Ask(() => server.Load(shards), cancellation), cancellation);

    public async Task<SagaRow?> Find(SagaId id, CancellationToken cancellation) =>
        await Ask(() => server.Find(id.Value), cancellation) is { } row ? (await Read([row], cancellation))[0] : null;

    public async Task<StartAnswer> RequestStart(StartRow start, byte[] payload, ITransaction? transaction, CancellationToken cancellation)
    {
        StartAnswer Work() => server.RequestStart(start.Key!, start.Hash!, start.Saga.Id.Value, start.Saga.Shard, payload);
        return transaction is SimulatedTransaction own ? own.Later(Work, new StartAnswer(start.Saga.Id, true, true)) : await Ask(Work, cancellation);
    }

    public async Task Request(InboxRequest request, ITransaction? transaction, CancellationToken cancellation)
    {
        bool Work()
        {
            server.Request(request.Shard, request.Saga.Value, request.Kind, request.Payload);
            return true;
        }

        _ = transaction is SimulatedTransaction own ? own.Later(Work, true) : await Ask(Work, cancellation);
    }

    public Task<IReadOnlyList<InboxRow>> Inbox(short[] shards, long[] known, int limit, CancellationToken cancellation) =>
        Ask(() => server.Inbox(shards, known, limit), cancellation);

    public Task<byte[]?> WaitingStart(SagaId id, CancellationToken cancellation) => Ask(() => server.WaitingStart(id.Value), cancellation);

    public Task<IReadOnlyList<KeptStart>> Look(IReadOnlyList<string> keys, bool seal, CancellationToken cancellation) =>
        Ask(() => server.Look(keys, seal), cancellation);

    public Task<(long Host, Guid Space)> Join(string name, string build, TimeSpan lease, CancellationToken cancellation) =>
        wire.Call(MemberTimeout, () => server.Join(name, lease), cancellation);

    public Task EnsurePartitions(CancellationToken cancellation) => wire.Call(MemberTimeout, () => true, cancellation);

    public Task<(DateTimeOffset At, int Hosts, int Free)> Keep(HostLease host, TimeSpan lease, CancellationToken cancellation) =>
        wire.Call(MemberTimeout, () => server.Keep(host.Host, lease), cancellation);

    public async Task<short[]> Claim(HostLease host, int max, CancellationToken cancellation)
    {
        var (fence, shards) = await wire.Call(MemberTimeout, () => server.Claim(host.Host, max), cancellation);
        host.Claimed(fence);
        return shards;
    }

    public Task GiveUp(HostLease host, short shard, CancellationToken cancellation) =>
        Do(() => server.GiveUp(host.Host, shard), cancellation);

    public Task Leave(HostLease host, CancellationToken cancellation) => Do(() => server.Leave(host.Host), cancellation);

    public Task Notify(string channel, string payload, CancellationToken cancellation) =>
        Do(() => wire.Notify(channel, payload), cancellation);

    public Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation) =>
        wire.Listen(channels, begun, heard, cancellation);

    private Task<T> Ask<T>(Func<T> work, CancellationToken cancellation) => wire.Call(Timeout, work, cancellation);

    private Task<bool> Do(Action work, CancellationToken cancellation) => wire.Call(
        MemberTimeout,
        () =>
        {
            work();
            return true;
        },
        cancellation);

    private async Task Names(CancellationToken cancellation)
    {
        foreach (var (number, version, name, manifest) in await Ask(server.Definitions, cancellation))
        {
            _names[number] = name;
            registry.Remember(name, version, manifest);
        }
    }

    private async Task<IReadOnlyList<SagaRow>> Read(IReadOnlyList<SagaTuple> rows, CancellationToken cancellation)
    {
        if (rows.Any(row => !_names.ContainsKey(row.Definition)))
        {
            await Names(cancellation);
        }

        return [.. rows.Select(row => row.Read(_names[row.Definition]))];
    }

    private sealed class LaneConnection(SimulatedPostgres server, IWire wire, HostLease host) : ILaneStore
    {
        public Task<IReadOnlyDictionary<long, CommitResult.Late>> Commit(IReadOnlyList<CommitItem> items, CancellationToken cancellation)
        {
            // As it is sent: the lane uses its list again.
            CommitItem[] sent = [.. items];
            return wire.Call(Timeout, () => server.Commit(host, sent), cancellation);
        }

        public Task<bool> WasCommitted(IReadOnlyList<CommitItem> items, CancellationToken cancellation)
        {
            CommitItem[] sent = [.. items];
            return wire.Call(Timeout, () => server.WasCommitted(host, sent), cancellation);
        }

        public Task<IReadOnlyDictionary<long, CommitResult.Late>> Late(IReadOnlyList<CommitItem> items, CancellationToken cancellation)
        {
            CommitItem[] sent = [.. items];
            return wire.Call(Timeout, () => server.Late(sent), cancellation);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
