using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Tests;

/// <summary>Workloads with sane defaults; tests change them by <c>with</c>.</summary>
internal static class Given
{
    public static readonly PoolId Pool = PoolId.From(Guid.Parse("0198c1b0-0000-7000-8000-000000000001"));

    public static readonly WorkloadMarks Marks = new(ScopeRef.Parse("shop/production-web"), ReleaseId.Parse("9f2c51b07ad3e8c4"));

    public static ReplicaTemplate Template { get; } = new(
        new Artifact("oci://registry.example/shop@sha256:0011", "sha256:0011", "", ["--serve", "a b"]),
        new Dictionary<string, string> { ["SCOPE"] = "production-web", ["A_PRICE"] = "$(5)" },
        new InstanceSize(250, 256),
        8080,
        "/health",
        TimeSpan.FromSeconds(20),
        Requires: new Dictionary<string, string> { ["disk"] = "ssd" },
        Tolerates: ["dedicated"]);

    public static PoolWorkload Workload { get; } = new(Pool, "wish-1", Marks, Template, Replicas: 3, new PoolScaling(Floor: 2, Ceiling: 10));

    public static JobWorkload Job { get; } =
        new("nightly-report", Marks, Template with { HealthPath = null }, Retries: 2, TimeSpan.FromHours(1), TimeSpan.FromDays(1));

    public static ScheduleWorkload Schedule { get; } =
        new("nightly-report", "30 3 * * *", "Etc/GMT-5", RunConcurrency.Forbid, Job, TimeSpan.FromMinutes(10));
}
