using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fury.Cli.Tests;

/// <summary>
/// A platform of one screen: it keeps what is put, runs each deployment through a few phases, and serves the scope's address itself with the
/// version that has the traffic. What a test can make it do wrong are the three switches.
/// </summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    private static readonly TimeSpan PhaseTime = TimeSpan.FromMilliseconds(150);

    private readonly FakeApi _api;
    private readonly ConcurrentDictionary<string, string> _kept = new();
    private readonly ConcurrentDictionary<string, List<DeploymentEvent>> _histories = new();
    private volatile string? _serving;
    private volatile bool _moving;

    private FakePlatform(FakeApi api)
    {
        _api = api;
        _api.Otherwise = Handle;
    }

    /// <summary>The good deployment loses requests on the way.</summary>
    public bool LosesRequests { get; set; }

    /// <summary>The bad version is not noticed.</summary>
    public bool KeepsTheBadOne { get; set; }

    public ConcurrentQueue<string> Puts { get; } = new();

    public Uri Address => _api.Address;

    public static async Task<FakePlatform> Start() => new(await FakeApi.Start());

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    private async Task<bool> Handle(HttpContext context)
    {
        if (context.Request.Host.Host == "production-web.hello.localhost")
        {
            Serve(context);
            return true;
        }

        var path = context.Request.Path.Value!;
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        if (context.Request.Method == "PUT")
        {
            Puts.Enqueue(path);
            var version = path.Contains("/versions/") ? Version(path.Split('/')[^1], JsonNode.Parse(body)!) : null;
            _kept[path] = version is null ? "{}" : JsonSerializer.Serialize(version, FuryJson.Options);
            await FakeApi.Write(context, 201, _kept[path]);
        }
        else if (path.EndsWith("/deployments", StringComparison.Ordinal))
        {
            var scope = ScopeRef.Parse($"hello/{path.Split('/')[^2]}");
            var wish = JsonSerializer.Deserialize<DeploymentRequest>(body, FuryJson.Options)!;
            var deployment = Given.Deployment with { Id = DeploymentId.New(TimeProvider.System), Scope = scope, Version = VersionName.Parse(wish.Version) };
            _histories[$"/api/v1/deployments/{deployment.Id}/events"] = [];
            _ = Drive(deployment);
            await FakeApi.Write(context, 201, JsonSerializer.Serialize(deployment, FuryJson.Options));
        }
        else if (_histories.TryGetValue(path, out var history))
        {
            await Tell(context, history);
        }
        else if (path.EndsWith("/status", StringComparison.Ordinal))
        {
            var address = new Uri($"http://production-web.hello.localhost:{Address.Port}/");
            var status = new ScopeStatus(Given.Scope, address, null, null, 1, [], null);
            await FakeApi.Write(context, 200, JsonSerializer.Serialize(status, FuryJson.Options));
        }
        else
        {
            await FakeApi.Write(context, _kept.ContainsKey(path) ? 200 : 404, _kept.GetValueOrDefault(path) ?? """{"title":"None."}""");
        }

        return true;
    }

    private void Serve(HttpContext context)
    {
        if (LosesRequests && _moving)
        {
            context.Response.Headers["x-fury-proxy-error"] = "no-pool";
            context.Response.StatusCode = 503;
            return;
        }

        context.Response.Headers["x-version"] = _serving;
        context.Response.StatusCode = _serving == "1.2.0" ? 500 : 200;
    }

    private async Task Drive(Deployment deployment)
    {
        var version = deployment.Version.Value;
        var production = deployment.Scope == Given.Scope;
        var before = _serving;
        await Next(DeploymentPhase.Admitted);
        await Next(DeploymentPhase.Provisioning);
        _moving = production && version == "1.1.0";
        await Next(DeploymentPhase.Shifting);
        _moving = false;
        _serving = production ? version : _serving;
        await Next(DeploymentPhase.Judging);
        if (version == "1.2.0" && !KeepsTheBadOne)
        {
            _serving = before;
            await Next(DeploymentPhase.ShiftingBack);
            await Next(DeploymentPhase.RolledBack);
            return;
        }

        await Next(DeploymentPhase.Done);

        async Task Next(DeploymentPhase phase)
        {
            var history = _histories[$"/api/v1/deployments/{deployment.Id}/events"];
            lock (history)
            {
                history.Add(Given.Event(history.Count + 1, phase, $"now {phase}", deployment.Id) with { At = TimeProvider.System.GetUtcNow() });
            }

            await Task.Delay(PhaseTime);
        }
    }

    private static async Task Tell(HttpContext context, List<DeploymentEvent> history)
    {
        for (var told = 0; ; await Task.Delay(TimeSpan.FromMilliseconds(10), context.RequestAborted))
        {
            DeploymentEvent[] news;
            lock (history)
            {
                news = [.. history.Skip(told)];
            }

            await Given.Stream(context, news);
            told += news.Length;
            if (news is [.., { Phase: DeploymentPhase.Done or DeploymentPhase.RolledBack }])
            {
                return;
            }
        }
    }

    private static ApplicationVersion Version(string name, JsonNode body) => Given.Version with
    {
        Version = VersionName.Parse(name),
        Artifact = new Artifact((string)body["artifact"]!["path"]!, "sha256:0", (string)body["artifact"]!["command"]!, []),
        Environment = body["environment"]!.Deserialize<Dictionary<string, string>>()!,
    };
}
