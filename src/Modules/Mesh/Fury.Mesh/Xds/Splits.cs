using System.Collections.Immutable;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Xds;

/// <summary>
/// The scopes that are split: their tables name two pools or more, as while a deployment is under way. Only there replicas are counted one by one, so what
/// that costs grows with what is under way, and not with the fleet. Immutable.
/// </summary>
/// <param name="Scopes">By their keys.</param>
/// <param name="Pools">Those that the tables of these scopes name.</param>
internal sealed record Splits(ImmutableHashSet<string> Scopes, ImmutableDictionary<PoolId, PoolAddresses> Pools)
{
    public static Splits None { get; } = new(ImmutableHashSet.Create<string>(StringComparer.Ordinal), ImmutableDictionary<PoolId, PoolAddresses>.Empty);

    /// <summary>Whether one of these scopes is split. Costs the smaller of the two sets.</summary>
    public bool AnyOf(ImmutableHashSet<string> scopes) =>
        scopes.Count < Scopes.Count ? scopes.Any(Scopes.Contains) : Scopes.Any(scopes.Contains);

    /// <summary>A scope has changed.</summary>
    public Splits After(string scope, IReadOnlyList<WeightedPool> before, IReadOnlyList<WeightedPool> now)
    {
        var named = now.Count > 1 ? now : [];
        if (named.Count == 0 && !Scopes.Contains(scope))
        {
            return this;
        }

        var left = before.Select(pool => pool.Pool).Except(named.Select(pool => pool.Pool));
        var addresses = named.Select(pool => KeyValuePair.Create(pool.Pool, PoolAddresses.Of(pool.Endpoints, Pools.GetValueOrDefault(pool.Pool))));
        return new(named.Count > 0 ? Scopes.Add(scope) : Scopes.Remove(scope), Pools.RemoveRange(left).SetItems(addresses));
    }
}

/// <summary>Which replica of a pool has, or had, an address, since the pool's scope was split. Immutable.</summary>
internal sealed class PoolAddresses
{
    /// <summary>Of replicas that have gone: proxies go on reporting what these answered. Beyond it those that went first are forgotten.</summary>
    public const int GoneMax = 100;

    /// <summary>Of those that are there, the first by their ids: all hosts tell of the same. More are left out.</summary>
    public const int ReplicasMax = 200;

    private readonly IReadOnlyList<Endpoint> _now;
    private readonly IReadOnlyList<Endpoint> _gone;
    private readonly Dictionary<(string Address, int Port), InstanceId> _replicas = [];

    private PoolAddresses(IReadOnlyList<Endpoint> now, IReadOnlyList<Endpoint> gone)
    {
        (_now, _gone) = (now, gone);
        foreach (var endpoint in gone.Concat(now.Take(ReplicasMax)))
        {
            _replicas[(endpoint.Address, endpoint.Port)] = endpoint.Replica; // An address that is used again is its new owner's.
        }
    }

    public static PoolAddresses Of(IReadOnlyList<Endpoint> now, PoolAddresses? earlier) =>
        earlier is null ? new(now, [])
        : ReferenceEquals(now, earlier._now) ? earlier
        : new(now, [.. earlier._gone.Concat(earlier._now).Except(now).TakeLast(GoneMax)]);

    public InstanceId? Find(string address, int port) => _replicas.TryGetValue((address, port), out var replica) ? replica : null;
}
