using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Dialects;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>
/// From a neutral pool to the objects of a dialect: a ReplicaSet, an autoscaler and a disruption budget. Never a Deployment: moving from one
/// release to the next is Fury's business, and a second mover would be one too many. Pure.
/// </summary>
internal static class PoolObjects
{
    /// <summary>The autoscaler's own lowest floor; a pool at 0 replicas is asleep and not scaled at all.</summary>
    private const int AutoscalerFloorMin = 1;

    /// <summary>
    /// As it is created, with its replicas. They are in no later <see cref="Update"/>: a field that Fury applied once and leaves out later is
    /// reset to its default, which would take an autoscaled pool down to one replica. From then on only the scale is written.
    /// </summary>
    public static JsonObject Create(PoolWorkload pool, string owner)
    {
        var set = Update(pool, owner);
        set["spec"]!["replicas"] = pool.Scaling is { } scaling && pool.Replicas > 0
            ? Math.Clamp(pool.Replicas, Math.Max(scaling.Floor, AutoscalerFloorMin), scaling.Ceiling)
            : pool.Replicas;
        return set;
    }

    public static JsonObject Update(PoolWorkload pool, string owner) => new()
    {
        ["apiVersion"] = KubeResource.ReplicaSets.Version,
        ["kind"] = KubeResource.ReplicaSets.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = Marks.PoolName(pool.Id),
            ["labels"] = Labels(pool, owner),
            ["annotations"] = new JsonObject
            {
                [Marks.Token] = pool.ClientToken,
                [Marks.Wish] = Digests.Of(pool),
                [Marks.Template] = Digests.Of(pool.Template),
            },
        },
        ["spec"] = new JsonObject
        {
            ["selector"] = Selector(pool.Id),
            ["template"] = PodTemplate.Of(pool.Template, Labels(pool, owner), (Marks.Pool, pool.Id.ToString()), "Always"),
        },
    };

    /// <param name="set">The uid of the ReplicaSet, with which it goes.</param>
    public static JsonObject Autoscaler(PoolWorkload pool, PoolScaling scaling, string owner, string set, Dialect dialect)
    {
        var metadata = Belonging(pool, owner, set);
        metadata["annotations"] = FloorMark(scaling.Floor);
        return new()
        {
            ["apiVersion"] = dialect.Autoscalers.Version,
            ["kind"] = dialect.Autoscalers.Kind,
            ["metadata"] = metadata,
            ["spec"] = AutoscalerSpec(pool.Id, scaling),
        };
    }

    private static JsonObject AutoscalerSpec(PoolId pool, PoolScaling scaling) => new()
    {
        ["scaleTargetRef"] = new JsonObject
        {
            ["apiVersion"] = KubeResource.ReplicaSets.Version,
            ["kind"] = KubeResource.ReplicaSets.Kind,
            ["name"] = Marks.PoolName(pool),
        },
        ["minReplicas"] = Math.Max(scaling.Floor, AutoscalerFloorMin),
        ["maxReplicas"] = scaling.Ceiling,
        ["metrics"] = new JsonArray(new JsonObject
        {
            ["type"] = "Resource",
            ["resource"] = new JsonObject
            {
                ["name"] = "cpu",
                ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = scaling.CpuPercent },
            },
        }),
    };

    /// <summary>The floor alone, for a merge patch.</summary>
    public static JsonObject Floor(int floor) => new()
    {
        ["metadata"] = new JsonObject { ["annotations"] = FloorMark(floor) },
        ["spec"] = new JsonObject { ["minReplicas"] = Math.Max(floor, AutoscalerFloorMin) },
    };

    public static JsonObject Budget(PoolWorkload pool, string owner, string set, Dialect dialect) => new()
    {
        ["apiVersion"] = dialect.Budgets.Version,
        ["kind"] = dialect.Budgets.Kind,
        ["metadata"] = Belonging(pool, owner, set),
        ["spec"] = new JsonObject { ["maxUnavailable"] = pool.UnavailableMax, ["selector"] = Selector(pool.Id) },
    };

    private static JsonObject FloorMark(int floor) => new() { [Marks.Floor] = $"{floor}" };

    private static JsonObject Belonging(PoolWorkload pool, string owner, string set) => new()
    {
        ["name"] = Marks.PoolName(pool.Id),
        ["labels"] = Labels(pool, owner),
        // Should the removal of a pool break off in the middle, the cluster takes these away with the ReplicaSet.
        ["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = KubeResource.ReplicaSets.Version,
            ["kind"] = KubeResource.ReplicaSets.Kind,
            ["name"] = Marks.PoolName(pool.Id),
            ["uid"] = set,
        }),
    };

    private static JsonObject Selector(PoolId pool) => new() { ["matchLabels"] = new JsonObject { [Marks.Pool] = pool.ToString() } };

    private static JsonObject Labels(PoolWorkload pool, string owner) => Marks.Labels(owner, pool.Marks, (Marks.Pool, pool.Id.ToString()));
}
