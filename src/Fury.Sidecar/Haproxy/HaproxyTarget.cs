using System.Collections.Immutable;
using System.Net;
using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>What HAProxy cannot be told; the sentence says why. What it was told before stays in force.</summary>
internal sealed class HaproxyRefusalException(string message) : Exception(message);

/// <summary>
/// What HAProxy is to do: the scopes as they were told last, and the backend that each pool has. A pool that has left the routes keeps its backend,
/// with its servers, until it is freed. Immutable; no I/O.
/// </summary>
internal sealed record HaproxyTarget(long Version, ImmutableDictionary<ScopeRef, ScopeRoutes> Scopes, ImmutableDictionary<PoolId, int> Backends)
{
    /// <summary>Before the first update.</summary>
    public static HaproxyTarget Unloaded { get; } =
        new(0, ImmutableDictionary<ScopeRef, ScopeRoutes>.Empty, ImmutableDictionary<PoolId, int>.Empty);

    /// <summary>The pools that requests may be routed to.</summary>
    public IEnumerable<WeightedPool> Routed => Scopes.Values.SelectMany(scope => scope.Pools);

    /// <summary>Of these, those whose replicas are counted one by one.</summary>
    public IEnumerable<PoolId> Split => from scope in Scopes.Values where scope.IsSplit from pool in scope.Pools select pool.Pool;

    /// <summary>The target after an update.</summary>
    /// <param name="backendsMax">How many backends there are.</param>
    /// <param name="isInUse">Whether a backend that no pool has still has servers of the last one.</param>
    /// <exception cref="HaproxyRefusalException"/>
    public HaproxyTarget After(RoutingUpdate update, int backendsMax, Func<int, bool> isInUse)
    {
        foreach (var scope in update.Scopes)
        {
            Check(scope);
        }

        var scopes = (update.Whole ? Unloaded : this).Scopes.RemoveRange(update.Gone)
            .SetItems(update.Scopes.Select(scope => KeyValuePair.Create(scope.Scope, scope)));
        var backends = Backends.ToBuilder();
        var free = new Queue<int>(Enumerable.Range(0, backendsMax).Except(Backends.Values).Where(backend => !isInUse(backend)));
        foreach (var pool in scopes.Values.SelectMany(scope => scope.Pools).Where(pool => !backends.ContainsKey(pool.Pool)))
        {
            backends[pool.Pool] = free.TryDequeue(out var backend) ? backend : throw TooMany(scopes, backendsMax);
        }

        return new(update.Version, scopes, backends.ToImmutable());
    }

    /// <summary>Without those of the idle pools that have left the routes; their backends can be given to others once their servers are gone.</summary>
    public HaproxyTarget Free(IEnumerable<PoolId> idle)
    {
        var routed = Routed.Select(pool => pool.Pool).ToHashSet();
        return this with { Backends = Backends.RemoveRange(idle.Where(pool => !routed.Contains(pool))) };
    }

    private HaproxyRefusalException TooMany(ImmutableDictionary<ScopeRef, ScopeRoutes> scopes, int backendsMax)
    {
        var routed = scopes.Values.SelectMany(scope => scope.Pools).Select(pool => pool.Pool).ToHashSet();
        return new(
            $"The routes name {routed.Count} pools, and {Backends.Keys.Count(pool => !routed.Contains(pool))} that have left them still have requests in "
            + $"flight; Sidecar:Haproxy:PoolsMax is {backendsMax}. What served before goes on. "
            + "Raise it, which takes a restart, or let the scope depend on less.");
    }

    /// <summary>What is written into a line for HAProxy must be one word there.</summary>
    private static void Check(ScopeRoutes scope)
    {
        if (scope.Hosts.FirstOrDefault(host => !IsWord(host)) is { } odd)
        {
            throw new HaproxyRefusalException($"{scope.Scope} has the host '{FieldFault.Of("", odd, "").Value}', which HAProxy cannot be told.");
        }

        foreach (var endpoint in scope.Pools.SelectMany(pool => pool.Endpoints))
        {
            if (!IPAddress.TryParse(endpoint.Address, out _) || !IsWord(endpoint.Address))
            {
                throw new HaproxyRefusalException(
                    $"{scope.Scope} has an endpoint at '{FieldFault.Of("", endpoint.Address, "").Value}'; HAProxy needs an IP address.");
            }
        }
    }

    private static bool IsWord(string text) => text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '.' or '-' or '_' or ':' or '*');
}
