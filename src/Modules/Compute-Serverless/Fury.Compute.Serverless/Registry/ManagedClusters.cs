using System.Collections.Concurrent;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Serverless.Registry;

/// <summary>
/// Asks the providers of this host. Where a cluster answers hardly ever changes, so it is asked once in a while, and known while its cloud is away.
/// </summary>
internal sealed class ManagedClusters(IEnumerable<IClusterProvider> providers, TimeProvider clock) : IManagedClusters
{
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FailedFor = TimeSpan.FromSeconds(15);

    /// <summary>What nobody asked for in so long is forgotten.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<ManagedCluster, Known> _known = new();

    public async Task<Outcome<ManagedAddress>> Find(ManagedCluster cluster, CancellationToken cancellation)
    {
        var before = _known.GetValueOrDefault(cluster);
        if (before is not null && clock.GetUtcNow() < before.Until)
        {
            return before.Answer;
        }

        var found = await Of(cluster).Then(provider => provider.Describe(cluster.Region, cluster.Name, cancellation));
        var answer = found.Then(seen => Read(cluster, seen));
        var now = clock.GetUtcNow();
        if (answer.Fault is { Kind: FaultKind.Unavailable } && before is { Answer.IsOk: true })
        {
            answer = before.Answer;
        }

        _known[cluster] = new(answer, now + (found.IsOk && answer.IsOk ? KnownFor : FailedFor));
        foreach (var (old, _) in _known.Where(one => now - one.Value.Until > ForgottenAfter))
        {
            _known.TryRemove(old, out _);
        }

        return answer;
    }

    public async Task<Outcome<ManagedPass>> Pass(ManagedCluster cluster, CancellationToken cancellation)
    {
        var token = await Of(cluster).Then(provider => provider.Token(cluster.Region, cluster.Name, cancellation));
        return token.Then<ManagedPass>(given => new ManagedPass(given.Value, given.ExpiresAt));
    }

    /// <inheritdoc cref="IClusterProvider.Upgrade"/>
    public Task<Outcome<string>> Upgrade(ManagedCluster cluster, string version, CancellationToken cancellation) =>
        Of(cluster).Then(provider => provider.Upgrade(cluster.Region, cluster.Name, version, cancellation));

    /// <inheritdoc cref="IClusterProvider.Upgrading"/>
    public Task<Outcome<ClusterUpgrade>> Upgrading(ManagedCluster cluster, string id, CancellationToken cancellation) =>
        Of(cluster).Then(provider => provider.Upgrading(id, cancellation));

    private static Outcome<ManagedAddress> Read(ManagedCluster cluster, ProviderCluster seen) =>
        seen is { Endpoint: { } endpoint, Authorities: { } authorities }
            ? new ManagedAddress(endpoint, authorities)
            : Fault.Unavailable($"Cluster {cluster} has no address yet: it is {Word.Of(seen.State)}.");

    private Outcome<IClusterProvider> Of(ManagedCluster cluster)
    {
        var found = providers.FirstOrDefault(provider => provider.Name == cluster.Provider);
        if (found is null)
        {
            var names = string.Join(", ", providers.Select(provider => provider.Name));
            return Fault.Invalid(
                "provider", cluster.Provider, names.Length > 0 ? $"one of {names}" : "one with managed clusters, and this host has none: see docs/clouds.md");
        }

        return found.Regions.Contains(cluster.Region)
            ? Found(found)
            : Fault.Invalid("region", cluster.Region, $"one of {string.Join(", ", found.Regions)}");
    }

    private static Outcome<T> Found<T>(T value) => value;

    private sealed record Known(Outcome<ManagedAddress> Answer, DateTimeOffset Until);
}
