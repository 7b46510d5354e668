using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>What Fury writes on its objects so that it, and people with their own tools, know them again.</summary>
internal static class Marks
{
    /// <summary>Whose: nothing without it is ever touched.</summary>
    public const string Owner = "fury.io/owner";
    public const string Pool = "fury.io/pool";
    public const string Job = "fury.io/job";
    public const string Schedule = "fury.io/schedule";
    public const string Application = "fury.io/application";
    public const string Scope = "fury.io/scope";
    public const string Release = "fury.io/release";
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Annotation: the client token of the last wish that was carried out.</summary>
    public const string Token = "fury.io/token";

    /// <summary>Annotation: the digest of the last wish.</summary>
    public const string Wish = "fury.io/wish";

    /// <summary>Annotation: the digest of the template, which never changes.</summary>
    public const string Template = "fury.io/template";

    /// <summary>Annotation of an autoscaler: the floor as it was asked for, since 0 is written as 1.</summary>
    public const string Floor = "fury.io/floor";

    /// <summary>The label that the cluster itself puts on the pods of a job; in all versions.</summary>
    public const string JobName = "job-name";

    public static string PoolName(PoolId pool) => $"pool-{pool}";

    public static string JobObject(string job) => $"job-{job}";

    public static string ScheduleObject(string schedule) => $"cron-{schedule}";

    public static JsonObject Labels(string owner, WorkloadMarks marks, params (string Name, string Value)[] more)
    {
        var labels = new JsonObject
        {
            [ManagedBy] = "fury",
            [Owner] = owner,
            [Application] = marks.Scope.Application.Value,
            [Scope] = marks.Scope.Scope.Value,
            [Release] = marks.Release.Value,
        };
        foreach (var (name, value) in more)
        {
            labels[name] = value;
        }

        return labels;
    }

    public static WorkloadMarks? Read(JsonElement item) =>
        ScopeRef.TryParse($"{item.Label(Application)}/{item.Label(Scope)}", out var scope) && ReleaseId.TryParse(item.Label(Release), out var release)
            ? new(scope, release)
            : null;

    public static PoolId? ReadPool(JsonElement item) => PoolId.TryParse(item.Label(Pool), out var pool) ? pool : null;
}
