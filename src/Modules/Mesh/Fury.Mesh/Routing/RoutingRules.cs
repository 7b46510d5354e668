using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Routing;

/// <summary>What the mesh knows of a pool that a table is to name.</summary>
internal sealed record KnownPool(PoolId Pool, ScopeRef Scope, int Ready);

/// <summary>What to do with a wish to publish.</summary>
internal abstract record PublishMove
{
    public sealed record Refuse(Fault Fault) : PublishMove;

    /// <summary>The table is as wished; at most its fence moves up.</summary>
    public sealed record Keep(RoutingTable Table) : PublishMove;

    public sealed record Replace : PublishMove;
}

/// <summary>Whether a table may be published. Pure.</summary>
internal static class RoutingRules
{
    public const int PoolsPerTableMax = 100;

    /// <summary>Of a weight in percent; proxies are told hundredths.</summary>
    private const int DecimalsMax = 2;

    /// <summary>The fault of weights that can never be right, whatever the state of the world; null when there is none.</summary>
    public static Fault? Check(IReadOnlyList<PoolWeight> pools)
    {
        var check = new Validation();
        check.Require(pools.Count <= PoolsPerTableMax, pools.Count, $"at most {PoolsPerTableMax} pools", "pools");
        foreach (var (index, entry) in pools.Index())
        {
            var isWeight = entry.Weight is >= 0 and <= 100 && decimal.Round(entry.Weight, DecimalsMax) == entry.Weight;
            check.Require(isWeight, entry.Weight, $"0 to 100, with at most {DecimalsMax} decimals", $"pools[{index}].weight");
        }

        // Whoever gives an absurd weight is told of that one; the sum must not overflow on the way.
        var sum = pools.Sum(entry => decimal.Clamp(entry.Weight, -100, 200));
        check.Require(pools.Count == 0 || sum == 100, sum, "weights that add up to 100, or no pools", "pools");
        check.Require(pools.DistinctBy(entry => entry.Pool).Count() == pools.Count, pools.Count, "pools named once each", "pools");
        return check.Fault;
    }

    /// <summary>Decides on checked weights.</summary>
    /// <param name="known">What is known of the pools that are named; a pool that was never heard of is not in it.</param>
    public static PublishMove Decide(RoutingTable current, IReadOnlyList<PoolWeight> wanted, long fence, IReadOnlyList<KnownPool> known)
    {
        if (fence < current.Fence)
        {
            return new PublishMove.Refuse(Fault.Stale(
                $"The routing table of {current.Scope} was last published under fence {current.Fence}; {fence} is older.")
                .With("fence", current.Fence));
        }

        if (current.Version > 0 && current.Pools.SequenceEqual(wanted))
        {
            return new PublishMove.Keep(current with { Fence = fence });
        }

        foreach (var entry in wanted)
        {
            var pool = known.FirstOrDefault(pool => pool.Pool == entry.Pool);
            if (pool is not null && pool.Scope != current.Scope)
            {
                return new PublishMove.Refuse(
                    Fault.Conflict($"Pool '{entry.Pool}' belongs to {pool.Scope}, not to {current.Scope}.").With("pool", entry.Pool));
            }

            // Invariant I1: nothing gets weight that cannot answer.
            if (entry.Weight > 0 && pool is not { Ready: > 0 })
            {
                return new PublishMove.Refuse(
                    Fault.Conflict($"Pool '{entry.Pool}' has no ready endpoint and cannot be given weight {entry.Weight}.")
                        .With("pool", entry.Pool));
            }
        }

        return new PublishMove.Replace();
    }
}
