using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests;

/// <summary>The controllers over real HTTP.</summary>
public sealed class ApiTests(House house) : IClassFixture<House>, IAsyncLifetime, IDisposable
{
    private readonly HttpClient _client = new();
    private WebApplication? _server;

    public async Task InitializeAsync()
    {
        await house.Started();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddModuleControllers([new DeploymentsModule()]);
        // Controllers and what they stand on are the house's own, which already run.
        foreach (var type in new[]
        {
            typeof(Fury.Deployments.Deployments.DeploymentDesk), typeof(Fury.Deployments.Deployments.PlanDesk),
            typeof(Fury.Deployments.Deployments.IDeploymentStore),
            typeof(Fury.Deployments.Scopes.ScopeView), typeof(Fury.Deployments.Scopes.ScopeLogs), typeof(TimeProvider),
        })
        {
            builder.Services.AddSingleton(type, _ => house.Services.GetRequiredService(type));
        }

        _server = builder.Build();
        _server.MapControllers();
        await _server.StartAsync();
        _client.BaseAddress = new Uri(_server.Urls.Single());
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_deployment_is_created_once_with_201_and_found_again_with_200()
    {
        var path = $"{Of(house.NewScope())}/deployments";
        using var first = await Post(path, new { version = "1.0.0", strategy = "all-in" }, "key");
        using var again = await Post(path, new { version = "1.0.0", strategy = "all-in" }, "key");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        var deployment = await Read<Deployment>(first);
        Assert.Equal($"/api/v1/deployments/{deployment.Id}", first.Headers.Location?.ToString());
        Assert.Equal(deployment.Id, (await Read<Deployment>(again)).Id);
        var ended = await house.Ended(deployment.Id);
        using var found = await _client.GetAsync($"/api/v1/deployments/{deployment.Id}");
        Assert.Equal(Json.Write(ended), Json.Write(await Read<Deployment>(found)));
        var list = await Read<Page<Deployment>>(await _client.GetAsync(path));
        Assert.Equal(deployment.Id, Assert.Single(list.Items).Id);
    }

    [Fact]
    public async Task Bad_requests_are_problem_details_that_name_what_is_wrong()
    {
        var scope = house.NewScope();
        using var strategy = await Post($"{Of(scope)}/deployments", new { version = "1.0.0", strategy = "yolo" });
        using var version = await Post($"{Of(scope)}/deployments", new { version = "9.9.9", strategy = "all-in" });
        using var unknown = await Post("/api/v1/applications/shop/scopes/test-none/deployments", new { version = "1.0.0", strategy = "all-in" });
        using var name = await Post("/api/v1/applications/shop/scopes/B_A_D/deployments", new { version = "1.0.0", strategy = "all-in" });
        using var back = await Post($"{Of(scope)}/rollback", new { });
        using var policy = await Post(
            $"{Of(scope)}/deployments", new { version = "1.0.0", strategy = "all-in", policy = new { whenUnconverged = "give-up" } });
        using var tail = await _client.GetAsync($"{Of(scope)}/logs?tail=0");

        Assert.Equal(HttpStatusCode.BadRequest, strategy.StatusCode);
        Assert.Contains("all-in, blue-green", await strategy.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, policy.StatusCode);
        var refusal = await policy.Content.ReadAsStringAsync();
        Assert.All(
            new[] { "policy.whenUnconverged", "give-up", "one of turn-back, wait, go-on" },
            part => Assert.Contains(part, refusal, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, version.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, name.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, back.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, tail.StatusCode);
    }

    [Fact]
    public async Task The_event_stream_is_live_resumes_after_an_event_and_ends_with_the_deployment()
    {
        var scope = house.NewScope();
        await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var second = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        await house.In(second.Id, DeploymentPhase.Judging);

        var live = Stream(second.Id, null);
        using var busy = await Post($"{Of(scope)}/deployments", new { version = "1.2.0", strategy = "all-in" });
        using var aborted = await Post($"/api/v1/deployments/{second.Id}/abort", new { reason = "enough" });
        var all = await live;
        var rest = await Stream(second.Id, "3");
        var list = await Read<List<DeploymentEvent>>(await _client.GetAsync($"/api/v1/deployments/{second.Id}/events"));

        Assert.Equal(HttpStatusCode.Conflict, busy.StatusCode);
        Assert.Equal(second.Id.ToString(), (await Read<JsonElement>(busy)).GetProperty("deploymentId").GetString());
        Assert.Equal(HttpStatusCode.OK, aborted.StatusCode);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(number => (long)number), all.Select(one => one.Number));
        Assert.Equal(DeploymentPhase.Aborted, all[^1].Phase);
        Assert.Equal(all.Skip(3).Select(one => one.Number), rest.Select(one => one.Number));
        Assert.Equal(all.Select(one => one.Message), list.Select(one => one.Message));
        Assert.Empty(await Stream(second.Id, all[^1].Number.ToString()));
    }

    [Fact]
    public async Task Status_and_logs_show_what_the_scope_runs()
    {
        var scope = house.NewScope();
        var ended = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        house.Engine.Write(ended.CandidatePool, "hello from a replica");
        house.Tables.Report("proxy", PoolTraffic.None(ended.CandidatePool) with { Requests = 7, Errors = 1 });

        var status = await Read<ScopeStatus>(await _client.GetAsync($"{Of(scope)}/status"));
        var logs = await _client.GetStringAsync($"{Of(scope)}/logs?tail=5");

        var pool = Assert.Single(status.Pools);
        Assert.Equal((100, 1, 7L, 1L, "active"), (pool.Weight, pool.Ready, pool.Requests, pool.Errors, pool.Phase));
        Assert.EndsWith(" hello from a replica\n", logs, StringComparison.Ordinal);
    }

    private static string Of(ScopeRef scope) => $"/api/v1/applications/{scope.Application}/scopes/{scope.Scope}";

    private static async Task<T> Read<T>(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<T>(FuryJson.Options))!;

    private async Task<HttpResponseMessage> Post(string path, object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await _client.SendAsync(request);
    }

    private async Task<List<DeploymentEvent>> Stream(DeploymentId id, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{id}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(deadline.Token));
        List<DeploymentEvent> events = [];
        string? number = null;
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            number = line.StartsWith("id: ", StringComparison.Ordinal) ? line["id: ".Length..] : number;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add(JsonSerializer.Deserialize<DeploymentEvent>(line["data: ".Length..], FuryJson.Options)!);
                Assert.Equal(number, events[^1].Number.ToString());
            }
        }

        return events;
    }
}
