using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>What a wish for a pool comes to, against what there is. A closed list.</summary>
internal abstract record PoolMove
{
    private PoolMove()
    {
    }

    /// <summary>There is no such pool.</summary>
    public sealed record Create : PoolMove;

    /// <summary>The wish was carried out before, or half of it: make what is missing, and change nothing that is there.</summary>
    public sealed record Repair : PoolMove;

    /// <summary>A newer wish for a known pool: move the numbers.</summary>
    /// <param name="Replicas">Null: as many as there are.</param>
    public sealed record Renumber(int? Replicas) : PoolMove;

    public sealed record Refuse(Fault Why) : PoolMove;

    /// <param name="set">The ReplicaSet as it is; undefined when there is none.</param>
    public static PoolMove Next(JsonElement set, PoolWorkload wish)
    {
        if (set.ValueKind == JsonValueKind.Undefined)
        {
            return new Create();
        }

        if (set.At("metadata").Text("deletionTimestamp") is not null)
        {
            return new Refuse(Fault.Conflict($"Pool {wish.Id} is being removed; a pool is never made again."));
        }

        if (set.Annotation(Marks.Template) != Digests.Of(wish.Template))
        {
            return new Refuse(Fault.Conflict($"Pool {wish.Id} runs another template; another template is another pool."));
        }

        if (set.Annotation(Marks.Token) != wish.ClientToken)
        {
            return new Renumber(NextReplicas(set.At("spec").Int("replicas", missing: 1), wish));
        }

        return set.Annotation(Marks.Wish) == Digests.Of(wish)
            ? new Repair()
            : new Refuse(Fault.Conflict($"The client token '{wish.ClientToken}' was given with another workload before."));
    }

    /// <summary>With scaling the present number is the autoscaler's: it is only grown, but for falling asleep and for a lower ceiling.</summary>
    private static int? NextReplicas(int now, PoolWorkload wish)
    {
        if (wish.Scaling is not { } scaling)
        {
            return wish.Replicas == now ? null : wish.Replicas;
        }

        var next = wish.Replicas == 0 ? 0 : Math.Clamp(Math.Max(now, wish.Replicas), scaling.Floor, scaling.Ceiling);
        return next == now ? null : next;
    }
}
