using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Dialects;

/// <summary>In which versions of their groups Fury writes its objects to one cluster, and what it may say in them.</summary>
/// <param name="KnowsTimeZones">A CronJob may name its time zone.</param>
internal sealed record Dialect(
    ServerVersion Version, KubeResource Autoscalers, KubeResource Budgets, KubeResource Schedules, bool KnowsTimeZones)
{
    public ClusterVersion ToVersion() => new(Version.Major, Version.Minor, Version.Text, new Dictionary<string, string>
    {
        ["scaling"] = Autoscalers.Version,
        ["budgets"] = Budgets.Version,
        ["schedules"] = Schedules.Version,
        ["timeZones"] = KnowsTimeZones ? "named" : "translated",
    });
}

/// <summary>What <c>/version</c> says.</summary>
internal sealed record ServerVersion(int Major, int Minor, string Text);

/// <summary>From what a server serves to how it is spoken to. Pure.</summary>
internal static class DialectChoice
{
    /// <summary>The first version with all that Fury needs in a stable form.</summary>
    public const int MinorMin = 22;

    /// <summary>Before it a CronJob runs by the clock of its controller, and the field for another is dropped without a word.</summary>
    private const int TimeZonesSince = 25;

    // The newest first; of those that are served the first is spoken.
    private static readonly KubeResource[] Autoscalers =
    [
        new("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
        new("autoscaling/v2beta2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    ];

    private static readonly KubeResource[] Budgets =
        [new("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget"), new("policy/v1beta1", "poddisruptionbudgets", "PodDisruptionBudget")];

    private static readonly KubeResource[] Schedules = [new("batch/v1", "cronjobs", "CronJob"), new("batch/v1beta1", "cronjobs", "CronJob")];

    /// <summary>The versions of groups whose resources must be asked for, so that <see cref="Choose"/> can choose.</summary>
    public static IReadOnlyList<string> Candidates { get; } =
    [
        .. Autoscalers.Concat(Budgets).Concat(Schedules).Append(KubeResource.ReplicaSets)
            .Select(resource => resource.Version).Distinct(),
    ];

    /// <param name="serves">Whether the server has this resource in this version.</param>
    public static Outcome<Dialect> Choose(ServerVersion version, Func<KubeResource, bool> serves)
    {
        if (version.Major != 1 || version.Minor < MinorMin)
        {
            return Refuse(version, $"supported are 1.{MinorMin} and newer");
        }

        var missing = new List<string>();
        var dialect = new Dialect(
            version,
            Newest(Autoscalers, serves, missing),
            Newest(Budgets, serves, missing),
            Newest(Schedules, serves, missing),
            KnowsTimeZones: version.Minor >= TimeZonesSince);
        if (!serves(KubeResource.ReplicaSets))
        {
            missing.Add(KubeResource.ReplicaSets.Name);
        }

        return missing.Count == 0 ? dialect : Refuse(version, $"it does not serve {string.Join(", ", missing)} in a version that Fury knows");
    }

    private static KubeResource Newest(KubeResource[] known, Func<KubeResource, bool> serves, List<string> missing)
    {
        foreach (var resource in known.Where(serves))
        {
            return resource;
        }

        missing.Add(known[0].Name);
        return known[0];
    }

    private static Fault Refuse(ServerVersion version, string why) =>
        Fault.Conflict($"The cluster runs {version.Text}, which Fury does not support: {why}.").With("version", version.Text);
}
