using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Cli.Tests;

/// <summary>What the fake host answers: sane values, changed with <c>with</c>.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Time = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    public static readonly DeploymentId Id = DeploymentId.From(Guid.Parse("01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d"));

    public static readonly PoolId Pool = PoolId.From(Guid.Parse("01932c8e-7a54-7000-8000-000000000001"));

    public static readonly ScopeRef Scope = ScopeRef.Parse("hello/production-web");

    public static readonly ReleaseId Release = ReleaseId.Parse("9f2c51b07ad3e8c4");

    public static readonly Application Hello = new(ApplicationName.Parse("hello"), "greeters", Criticality.Low, 1, Time);

    public static readonly Application Shop = new(ApplicationName.Parse("shop"), "checkout", Criticality.Critical, 4, Time.AddDays(1));

    public static readonly Scope ProductionWeb = new(
        Scope, ComputeKind.Standard, Criticality.High, WorkloadType.Web, new InstanceSize(500, 256), 2, 6,
        new Dictionary<string, string> { ["LOG_LEVEL"] = "info" }, "/health", 3, Time);

    public static readonly ApplicationVersion Version = new(
        ApplicationName.Parse("hello"),
        VersionName.Parse("1.1.0"),
        new Artifact("file:///data/artifacts/sha256-ab", "sha256:0123456789abcdef0123456789abcdef", "hello", ["--verbose"]),
        new Dictionary<string, string> { ["HELLO_VERSION"] = "1.1.0" },
        Time);

    public static readonly Deployment Deployment = new(
        Id, Scope, Strategy.BlueGreen, DeploymentPhase.Admitted, Release, Release, VersionName.Parse("1.1.0"), null, Pool,
        new Policy(60, 15, 10, 10, 10, 5, 20, 2), "Accepted.", Time, null, Time.AddSeconds(5), 1);

    public static DeploymentEvent Event(long number, DeploymentPhase phase, string message, DeploymentId? id = null) =>
        new(id ?? Id, number, Time.AddSeconds(number), phase, message, new Dictionary<string, string>());

    public static IReadOnlyList<DeploymentEvent> History(DeploymentPhase end) =>
    [
        Event(1, DeploymentPhase.Admitted, "Accepted."),
        Event(2, DeploymentPhase.Provisioning, "The candidate pool is being started."),
        Event(3, DeploymentPhase.Shifting, "The candidate is ready."),
        Event(4, end, "It has ended."),
    ];

    /// <summary>Writes events as the host does.</summary>
    public static async Task Stream(HttpContext context, IEnumerable<DeploymentEvent> events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var news in events)
        {
            await context.Response.WriteAsync($"id: {news.Number}\ndata: {JsonSerializer.Serialize(news, FuryJson.Options)}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    /// <summary>A host on which a deployment begins and ends so.</summary>
    public static FakeApi WithDeployment(this FakeApi api, DeploymentPhase end) => api
        .Answers("POST", "/api/v1/applications/hello/scopes/production-web/deployments", Deployment, 201)
        .Answers("POST", "/api/v1/applications/hello/scopes/production-web/rollback", Deployment with { Strategy = Strategy.Rollback }, 201)
        .Answers("POST", $"/api/v1/deployments/{Id}/abort", Deployment)
        .Answers("GET", $"/api/v1/deployments/{Id}", Deployment with { Phase = end, EndedAt = Time.AddSeconds(4), Reason = "It has ended." })
        .On("GET", $"/api/v1/deployments/{Id}/events", context => context.Request.Headers.Accept == "text/event-stream"
            ? Stream(context, History(end))
            : FakeApi.Write(context, 200, JsonSerializer.Serialize(History(end), FuryJson.Options)));
}
