using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Watching;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Where the holder of the lease places: one applier for each term of office, which knows what is registered and what was last seen of it.
/// </summary>
internal sealed class PlacementDesk(
    IReservationStore reservations, ClusterStore clusters, WatchStore watches, IDataPlane requests, TimeProvider clock, ILoggerFactory logs)
    : IAsyncDisposable
{
    private Term? _term;

    /// <summary>The health of each cluster as the holder of the lease sees it; empty on the other hosts.</summary>
    public IReadOnlyDictionary<string, ClusterHealth> Health => Volatile.Read(ref _term)?.Health ?? new Dictionary<string, ClusterHealth>();

    /// <summary>Clusters that are to be left: those that are dead, and healthy ones that drain.</summary>
    public IReadOnlyList<string> Due => Volatile.Read(ref _term)?.Due ?? [];

    /// <summary>Clusters that have died.</summary>
    public IReadOnlyList<string> Dead => [.. from one in Health where one.Value.Phase == HealthPhase.Dead select one.Key];

    /// <summary>The placer of this term, which has heard all that is news.</summary>
    public async Task<Placer> Open(long fence, CancellationToken cancellation)
    {
        if (_term is null || _term.Fence != fence || _term.HasEnded)
        {
            await Close();
            _term = new(fence, new Applier(reservations, clock, logs.CreateLogger<Applier>()), new(watches, requests), clock);
        }

        await _term.Learn(clusters, watches, cancellation);
        return _term.Placer;
    }

    public async ValueTask DisposeAsync() => await Close();

    private async Task Close()
    {
        if (_term is { } term)
        {
            _term = null;
            await term.DisposeAsync();
        }
    }

    private sealed class Term : IAsyncDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private readonly Applier _applier;
        private readonly TimeProvider _clock;
        private readonly Task _running;
        private readonly Dictionary<string, long> _registered = [];
        private readonly Dictionary<string, DateTimeOffset> _renewedAt = [];
        private readonly ClusterJudge _judge;
        private long _seen;

        public Term(long fence, Applier applier, ClusterJudge judge, TimeProvider clock)
        {
            (Fence, _applier, _judge, _clock) = (fence, applier, judge, clock);
            Placer = new(applier, clock);
            _running = applier.Run(fence, _over.Token);
        }

        public long Fence { get; }

        public Placer Placer { get; }

        public bool HasEnded => _running.IsCompleted;

        public IReadOnlyDictionary<string, ClusterHealth> Health => _judge.Health;

        public IReadOnlyList<string> Due { get; private set; } = [];

        public async Task Learn(ClusterStore clusters, WatchStore watches, CancellationToken cancellation)
        {
            var registered = await clusters.List(cancellation);
            foreach (var gone in _registered.Keys.Except(registered.Select(one => one.Cluster.Name)).ToList())
            {
                await _applier.Remove(gone, cancellation);
                _registered.Remove(gone);
            }

            foreach (var one in registered.Where(one => _registered.GetValueOrDefault(one.Cluster.Name) != one.Revision))
            {
                await _applier.Put(one.Cluster, cancellation);
                _registered[one.Cluster.Name] = one.Revision;
            }

            foreach (var sighting in await watches.Since(_seen, cancellation))
            {
                await _applier.See(sighting.Seen, cancellation);
                _renewedAt[sighting.Cluster] = sighting.RenewedAt;
                _seen = sighting.Revision;
            }

            foreach (var (name, phase) in await _judge.Look(registered, _renewedAt, _clock.GetUtcNow(), cancellation))
            {
                await _applier.Judge(name, phase, cancellation);
            }

            Due = [.. from one in registered where EvacuationPlan.IsDue(one.Cluster, Health[one.Cluster.Name].Phase) select one.Cluster.Name];
        }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _over.Dispose();
        }
    }
}
