using Fury.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Gives up the instances of hosts that are gone for good, so that others replace them. A host that comes back after all finds that its
/// processes are wanted by nobody, and ends them. Silence is believed when it was there in the pass before too: after an outage of the
/// database every host has been silent, and the first to wake must not give up the others.
/// </summary>
internal sealed class LostNodeReconciler(IPoolStore store, INode node, ILogger<LostNodeReconciler> log) : IReconciler
{
    /// <summary>Longer than a host takes to be replaced or started again.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(5);

    private IReadOnlyDictionary<string, DateTime> _before = new Dictionary<string, DateTime>();

    public string Name => "standard.lost-nodes";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(30);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var silent = await store.SilentNodes(node.Name, SilenceMax, cancellation);
        foreach (var (lost, seenAt) in silent.Where(one => _before.TryGetValue(one.Key, out var before) && before == one.Value))
        {
            var instances = await store.OfNode(lost, cancellation);
            log.LogWarning("Host {Node} has been silent since {SeenAt}; its {Count} instances are given up.", lost, seenAt, instances.Count);
            foreach (var (instance, pool) in instances)
            {
                await store.Change(pool, known => Changes.Gone(known, instance), cancellation);
            }
        }

        _before = silent;
    }
}
