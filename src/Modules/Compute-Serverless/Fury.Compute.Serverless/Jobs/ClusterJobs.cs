using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>From a run to what is asked of its cluster, and back from the names there. Pure.</summary>
internal static class ClusterJobs
{
    private const string Prefix = "run-";

    /// <summary>The platform ends a run that takes too long, so that its lines can be kept first; the cluster does it when there is no platform.</summary>
    private static readonly TimeSpan DeadlineNet = TimeSpan.FromMinutes(10);

    /// <summary>How long the end of a run waits in its cluster to be seen.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(7);

    /// <summary>Holds the id, so that a run is known again by its name, and asked for twice is one.</summary>
    public static string NameOf(RunId run) => $"{Prefix}{run.Value:N}";

    /// <summary>False for the jobs of others.</summary>
    public static bool TryRead(string? name, out RunId run)
    {
        var ours = name is not null && name.StartsWith(Prefix, StringComparison.Ordinal)
            && Guid.TryParseExact(name[Prefix.Length..], "N", out var id) ? id : (Guid?)null;
        run = new(ours ?? default);
        return ours is not null;
    }

    public static JobWorkload Of(JobRun run, WorkloadIdentity identity)
    {
        var environment = new Dictionary<string, string>(run.Spec.Environment.Concat(identity.EnvironmentOf(run.Scope)))
        {
            ["SCOPE"] = run.Scope.Scope.Value,
            ["FURY_APPLICATION"] = run.Scope.Application.Value,
            ["FURY_VERSION"] = run.Spec.Version.Value,
            ["FURY_RELEASE"] = run.Spec.Release.Value,
            ["FURY_RUN"] = run.Id.ToString(),
        };
        return new(
            NameOf(run.Id),
            new(run.Scope, run.Spec.Release),
            new(run.Spec.Artifact, environment, run.Spec.Size, Workloads.Port, HealthPath: null, Workloads.Grace, ZoneSpread.Any),
            run.Spec.Retries,
            run.Spec.Deadline + DeadlineNet,
            KeepFor);
    }
}
