using System.Net.Http.Json;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>
/// An application that names its cloud services and no provider is deployed; what stands behind its store is switched by the command line from the memory of
/// its instances to a real Redis. Host, instances, command line and Redis are real processes. The quickstart does so under load, and back.
/// </summary>
public sealed class When_what_stands_behind_a_service_changes(RedisServer redis) : IClassFixture<RedisServer>
{
    private const string Shop = "/api/v1/applications/shop";
    private const string Web = $"{Shop}/scopes/production-web";
    private const string WebHost = "production-web.shop.localhost";
    private static readonly string[] Scope = ["-a", "shop", "-s", "production-web"];
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_instance_says_what_it_has_in_force_and_reads_what_the_others_wrote()
    {
        await using var fury = await FuryProcess.Start();
        await Put(fury, Shop, new { team = "journeys" });
        await Put(fury, Web, new { compute = "standard", minReplicas = 2, maxReplicas = 4 });
        await Put(fury, $"{Shop}/versions/1.0.0", new
        {
            artifact = new { path = Path.Combine(FuryProcess.Root, "samples", "shop", "bin", "Release", "net10.0"), command = "shop" },
        });
        foreach (var (kind, service) in new[] { ("key-value", "carts"), ("objects", "invoices"), ("queue", "orders") })
        {
            await Run(fury, "service", "create", kind, service, "-a", "shop");
            await Run(fury, ["service", "bind", kind, service, "--driver", "local", .. Scope]);
        }

        await Deploy(fury);
        string[] inRedis = ["--driver", "redis", "--endpoint", redis.Endpoint.ToString(), "--resource", "carts"];
        var switched = await Run(fury, ["service", "switch", "key-value", "carts", .. inRedis, .. Scope]);
        Assert.EndsWith("In force in 2 instances.\n", switched, StringComparison.Ordinal);
        var status = await Run(fury, ["service", "status", .. Scope]);
        Assert.Contains("carts     key-value  redis   carts     2      2         0", status, StringComparison.Ordinal);

        // What one instance has written the other reads: it is Redis that is behind both.
        var visits = await Task.WhenAll(Enumerable.Range(0, 4).Select(item => Post(fury, $"carts/ana/{item}")));
        Assert.Contains(visits, visit => visit.Split(' ').Length == 4);
    }

    private static async Task Deploy(FuryProcess fury)
    {
        var request = new DeploymentRequest("1.0.0", "all-in", Platform.Quick);
        using var answer = await fury.Client.PostAsJsonAsync($"{Web}/deployments", request, FuryJson.Options);
        var deployment = (await answer.Content.ReadFromJsonAsync<Deployment>(FuryJson.Options))!;
        var ended = await new Platform(fury).Ended(deployment.Id, Within);
        Assert.True(ended.Phase == DeploymentPhase.Done, $"{ended.Phase}, {ended.Reason}\n{fury.Log}");
    }

    private static async Task Put(FuryProcess fury, string path, object body)
    {
        using var answer = await fury.Client.PutAsJsonAsync(path, body, FuryJson.Options);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> Post(FuryProcess fury, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fury.Sidecar, path)) { Headers = { Host = WebHost } };
        using var answer = await fury.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {text}");
        return text;
    }

    private static async Task<string> Run(FuryProcess fury, params IEnumerable<string> arguments)
    {
        var printed = await FuryCli.Run(fury, arguments);
        Assert.True(printed.ExitCode == 0, $"{printed.Errors}\n{fury.Log}");
        return printed.Output;
    }
}
