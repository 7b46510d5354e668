using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard;

/// <summary>The engine's face: records wishes and answers what is on record. The reconciler, woken by each commit, does the rest.</summary>
internal sealed class StandardCompute(IPoolStore store, InstanceProviders providers, TimeProvider clock) : IComputeEngine
{
    /// <summary>Lines that a slow reader may be behind before the instances' readers wait.</summary>
    private const int LinesWaitingMax = 1000;

    private static readonly TimeSpan NewReplicasPeriod = TimeSpan.FromSeconds(1);

    public ComputeKind Kind => ComputeKind.Standard;

    public async Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) =>
        Wishes.Check(pool) is { } bad ? bad
        : providers.Find(pool.Location) is null ? providers.Unknown(pool.Location)
        : await Change(pool.Id, known => Wishes.Ensure(known, pool), cancellation);

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Change(pool, known => Wishes.SetFloor(known, pool, floor), cancellation);

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) =>
        Change(pool, known => Wishes.Retire(known, pool, clock.GetUtcNow()), cancellation);

    public async Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation) =>
        await store.Find(pool, cancellation) is { } known ? known.ToState() : Fault.NotFound("pool", pool);

    public async Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation) =>
        [.. (await store.List(scope, cancellation)).Select(pool => pool.ToState())];

    public async IAsyncEnumerable<LogLine> Logs(
        PoolId pool, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lines = Channel.CreateBounded<LogLine>(LinesWaitingMax);
        var reading = ReadAll(pool, tail, follow, lines.Writer, ended.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellation))
            {
                yield return line;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Outcome<PoolState>> Change(PoolId id, Func<Pool?, Outcome<Pool>> wish, CancellationToken cancellation) =>
        (await store.Change(id, (_, known) => Task.FromResult(wish(known)), cancellation)).Then<PoolState>(pool => pool.ToState());

    /// <summary>One reader for each replica; replicas that come while the logs are followed get theirs too.</summary>
    private async Task ReadAll(PoolId id, int tail, bool follow, ChannelWriter<LogLine> lines, CancellationToken cancellation)
    {
        var readers = new Dictionary<InstanceId, Task>();
        try
        {
            do
            {
                var pool = await store.Find(id, cancellation);
                foreach (var instance in pool?.Instances ?? [])
                {
                    if (instance.ProviderId is { } providerId && providers.Find(pool!.Spec.Location) is { } provider
                        && !readers.ContainsKey(instance.Id))
                    {
                        readers[instance.Id] = Read(provider, providerId, line => new(id, instance.Id, line.At, line.Text));
                    }
                }

                if (follow)
                {
                    await Task.Delay(NewReplicasPeriod, clock, cancellation);
                }
            }
            while (follow);

            await Task.WhenAll(readers.Values);
        }
        finally
        {
            await Task.WhenAll(readers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lines.TryComplete();
        }

        async Task Read(IInstanceProvider provider, string providerId, Func<InstanceLogLine, LogLine> line)
        {
            await foreach (var read in provider.Logs(providerId, tail, follow, cancellation))
            {
                await lines.WriteAsync(line(read), cancellation);
            }
        }
    }
}
