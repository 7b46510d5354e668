using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LocalCluster;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Tests.Http;

/// <summary>The module on a web server of its own, as when it runs near the clusters, with a local cluster behind it.</summary>
public sealed class HttpTests : IAsyncLifetime, IDisposable
{
    private const string Root = "/cluster-api/v1/clusters";

    private Cluster _cluster = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.Start(new ClusterOptions());
        IModule[] modules = [new ClusterApiModule()];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new Random(1));
        modules[0].AddServices(builder.Services, builder.Configuration);
        builder.Services.AddModuleControllers(modules);
        _app = builder.Build();
        _app.MapControllers();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        Assert.Equal(HttpStatusCode.NoContent, (await Put($"{Root}/local", new { orchestrator = "kubernetes", document = _cluster.Kubeconfig })).StatusCode);
    }

    public void Dispose() => _http.Dispose();

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_pool_is_made_seen_scaled_watched_and_removed()
    {
        var id = PoolId.New(TimeProvider.System);
        var pool = $"{Root}/local/pools/{id}";

        var made = await Read(await Put(pool, Pool()));
        Assert.Equal(2, made.GetProperty("wanted").GetInt32());
        Assert.Equal(4, (await Read(await Put($"{pool}/floor", new { floor = 4 }))).GetProperty("wanted").GetInt32());
        Assert.Equal(3, (await Read(await Put($"{pool}/replicas", new { replicas = 3 }))).GetProperty("wanted").GetInt32());
        await Eventually.True(async () => (await Read(await _http.GetAsync(pool))).GetProperty("ready").GetInt32() == 3);
        Assert.Equal(1, (await Read(await _http.GetAsync($"{Root}/local/pools"))).GetArrayLength());

        var news = await News(upTo: "synced");
        Assert.Equal(3, news.Count(one => one.GetProperty("news").GetString() == "replica-seen"));

        var replica = news.First(one => one.GetProperty("news").GetString() == "replica-seen").GetProperty("replica").GetProperty("name").GetString()!;
        _cluster.Metrics.Set("default", replica, cpuMillis: 100, memoryBytes: 1 << 20);
        Assert.Equal(replica, (await Read(await _http.GetAsync($"{Root}/local/usage")))[0].GetProperty("replica").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"{Root}/local/replicas/{replica}?graceSeconds=0")).StatusCode);
        await Eventually.True(() => _cluster.Pods.Count == 3 && _cluster.Pods.All(pod => pod.Name != replica));

        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"{pool}?graceSeconds=0")).StatusCode);
        await Eventually.True(async () => (await _http.GetAsync(pool)).StatusCode == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Jobs_and_schedules_are_run_and_removed()
    {
        var (job, schedule) = ($"{Root}/local/jobs/report", $"{Root}/local/schedules/nightly");

        Assert.Equal("report", (await Read(await Put(job, Job()))).GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(job)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync(job)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await Put(schedule, new
        {
            cron = "0 3 * * *",
            timeZone = "UTC",
            concurrency = "forbid",
            startWithin = "00:10:00",
            run = Job(),
        })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync(schedule)).StatusCode);
    }

    [Fact]
    public async Task Version_and_capacity_are_told()
    {
        Assert.Equal(34, (await Read(await _http.GetAsync($"{Root}/local/version"))).GetProperty("minor").GetInt32());
        Assert.Equal(3, (await Read(await _http.GetAsync($"{Root}/local/capacity"))).GetProperty("nodes").GetArrayLength());
        Assert.Equal("local", (await Read(await _http.GetAsync(Root)))[0].GetString());
    }

    [Theory]
    [InlineData("GET", "unknown/version", null, 404, "not-found")]
    [InlineData("GET", "unknown/watch?follow=true", null, 404, "not-found")]
    [InlineData("GET", "local/watch", null, 400, "invalid")]
    [InlineData("GET", "Local!/version", null, 400, "invalid")]
    [InlineData("GET", "local/pools/not-a-uuid", null, 400, "invalid")]
    [InlineData("PUT", "local/pools/0198c1b0-0000-7000-8000-000000000009", "{}", 400, "invalid")]
    [InlineData("PUT", "local/pools/0198c1b0-0000-7000-8000-000000000009/replicas", """{"replicas": 3}""", 404, "not-found")]
    [InlineData("PUT", "local/pools/0198c1b0-0000-7000-8000-000000000009/replicas", """{"replicas": -1}""", 400, "invalid")]
    [InlineData("DELETE", "local/pools/0198c1b0-0000-7000-8000-000000000009?graceSeconds=-1", null, 400, "invalid")]
    [InlineData("DELETE", "local/replicas/any?graceSeconds=3601", null, 400, "invalid")]
    [InlineData("GET", "unknown/usage", null, 404, "not-found")]
    [InlineData("DELETE", "local/jobs/Bad_Name", null, 400, "invalid")]
    [InlineData("GET", "local/replicas/not-there/logs", null, 404, "not-found")]
    [InlineData("GET", "local/replicas/..%2Fnodes/events", null, 400, "invalid")]
    [InlineData("PUT", "other", """{"orchestrator": "kubernetes", "document": "nonsense"}""", 400, "invalid")]
    [InlineData("PUT", "other", """{"orchestrator": "abacus", "document": "x"}""", 400, "invalid")]
    [InlineData("PUT", "other", """{"orchestrator": "kubernetes", "document": "x", "file": "/etc/passwd"}""", 400, "invalid")]
    public async Task Refusals_are_problem_details(string method, string path, string? body, int status, string kind)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Root}/{path}");
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await _http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(kind, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("template")]
    [InlineData("template.artifact")]
    [InlineData("template.artifact.uri")]
    [InlineData("template.environment")]
    [InlineData("template.size")]
    [InlineData("marks")]
    [InlineData("clientToken")]
    public async Task A_field_that_is_null_is_a_refusal_and_no_mistake_of_ours(string field)
    {
        var body = JsonSerializer.SerializeToNode(Pool(), FuryJson.Options)!;
        var parts = field.Split('.');
        var parent = parts[..^1].Aggregate(body, (node, part) => node[part]!);
        parent[parts[^1]] = null;

        var answer = await Put($"{Root}/local/pools/{PoolId.New(TimeProvider.System)}", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static object Pool() => new
    {
        clientToken = "first",
        marks = new { application = "shop", scope = "production-web", release = "9f2c51b07ad3e8c4" },
        template = Template(),
        replicas = 2,
        scaling = new { floor = 2, ceiling = 6, cpuPercent = 60 },
    };

    private static object Job() => new
    {
        marks = new { application = "shop", scope = "production-web", release = "9f2c51b07ad3e8c4" },
        template = Template(),
        retries = 1,
        deadline = "00:10:00",
        keepFor = "00:10:00",
    };

    private static object Template() => new
    {
        artifact = new { uri = "oci://local/any", digest = "", command = "", arguments = Array.Empty<string>() },
        environment = new Dictionary<string, string>(),
        size = new { cpuMillis = 10, memoryMiB = 16 },
        port = 8080,
        grace = "00:00:05",
    };

    private static async Task<JsonElement> Read(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private Task<HttpResponseMessage> Put(string path, object body) => _http.PutAsJsonAsync(path, body, FuryJson.Options);

    private async Task<List<JsonElement>> News(string upTo)
    {
        using var reader = new StreamReader(await _http.GetStreamAsync($"{Root}/local/watch?follow=true"));
        var news = new List<JsonElement>();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                news.Add(JsonElement.Parse(line["data: ".Length..]));
                if (news[^1].GetProperty("news").GetString() == upTo)
                {
                    break;
                }
            }
        }

        return news;
    }
}
