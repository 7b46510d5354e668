using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Testing;

namespace Fury.Host.Tests;

public sealed class ApiTests(OpenHost host) : IClassFixture<OpenHost>
{
    [Fact]
    public async Task It_lives_and_gets_ready_and_names_its_checks()
    {
        using var live = await host.Client.GetAsync("healthz/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        await Eventually.True(async () => (await host.Client.GetAsync("healthz/ready")).IsSuccessStatusCode);

        var ready = await host.Client.GetFromJsonAsync<JsonElement>("healthz/ready");
        Assert.Contains("database", ready.GetProperty("checks").EnumerateObject().Select(check => check.Name));
        Assert.Contains("outbox", ready.GetProperty("checks").EnumerateObject().Select(check => check.Name));
    }

    [Fact]
    public async Task It_says_what_it_is()
    {
        var about = await host.Client.GetFromJsonAsync<JsonElement>("api/v1/about");

        Assert.Equal("Fury", about.GetProperty("product").GetString());
        Assert.Contains("catalog", about.GetProperty("modules").EnumerateArray().Select(module => module.GetString()));
    }

    [Theory]
    [InlineData("GET", "nowhere", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/applications/hello", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/sagas/4711/timeline", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/v1/deployments/01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "api/v1/applications/hello", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "api/v1/applications/hello", HttpStatusCode.UnsupportedMediaType)]
    public async Task Every_refusal_is_a_problem_detail(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "PUT" ? new StringContent("team: core") : null;

        using var answer = await host.Client.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(status == HttpStatusCode.NotFound, problem.TryGetProperty("kind", out var kind) && kind.GetString() == "not-found");
    }

    [Theory]
    [InlineData("api/v1/applications?search=%00", "search")]
    [InlineData("api/v1/audit?caller=%00", "request")]
    [InlineData("api/v1/mesh/routes?after=%00", "request")]
    public async Task A_text_that_the_database_cannot_keep_is_a_bad_request(string path, string field)
    {
        using var answer = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(field, problem.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task What_a_proxy_would_say_is_believed_of_nobody_unless_it_is_named()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "healthz/live") { Headers = { { "X-Forwarded-Proto", "https" } } };
        using var answer = await host.Client.SendAsync(request);

        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Contains("'here'", Assert.Throws<BadSettings>(() => Program.Build(["--Fury:Proxies", "10.0.0.7,here"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_shortly()
    {
        using var answer = await host.Client.PutAsJsonAsync("api/v1/applications/hello", new { team = new string('a', 1 << 20) });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.InRange((await answer.Content.ReadAsStringAsync()).Length, 1, 1000);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("urn:fury:fault:too-large", "too-large"), (problem.GetProperty("type").GetString(), problem.GetProperty("kind").GetString()));
        Assert.Contains("65536", problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", null, HttpStatusCode.OK)]
    [InlineData("fury.localhost:80", null, HttpStatusCode.OK)]
    [InlineData("[::1]:7080", "http://localhost:3000", HttpStatusCode.OK)]
    [InlineData("rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData("localhost.rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "http://rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "null", HttpStatusCode.Forbidden)]
    public async Task Without_a_token_only_local_names_and_pages_are_served(string name, string? origin, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/about");
        request.Headers.Host = name;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await host.Client.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task The_OpenAPI_document_holds_the_routes_of_every_module()
    {
        var document = await host.Client.GetFromJsonAsync<JsonElement>("openapi/v1.json");

        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/api/v1/applications/{application}/scopes/{scope}", paths);
        Assert.Contains("/api/v1/applications/{application}/scopes/{scope}/deployments", paths);
        Assert.Contains("/api/v1/sagas/{id}/timeline", paths);
        Assert.Contains("/api/v1/about", paths);
        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_of_dotnet_and_of_the_server_are_there_in_the_text_format()
    {
        using var _ = await host.Client.GetAsync("healthz/live");
        using var answer = await host.Client.GetAsync("metrics");
        var lines = (await answer.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains(lines, line => line.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("kestrel_active_connections{", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(
            """^(# (HELP|TYPE) [a-z0-9_]+ .*|[a-z0-9_]+(\{([a-z0-9_]+="([^"\\]|\\.)*",?)+\})? [-+0-9.eEInfNa]+)$""", line));
        var types = lines.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).ToList();
        Assert.Equal(types.Count, types.Select(line => line.Split(' ')[2]).Distinct().Count());
    }
}

public sealed class GuardedApiTests(GuardedHost host) : IClassFixture<GuardedHost>
{
    [Theory]
    [InlineData("api/v1/about")]
    [InlineData("api/v1/applications")]
    [InlineData("metrics")]
    [InlineData("openapi/v1.json")]
    [InlineData("nowhere")]
    public async Task Everything_but_health_needs_the_token(string path)
    {
        foreach (var header in new[] { null, "Bearer", "Bearer " + new string('0', 32), "Basic " + GuardedHost.Token, GuardedHost.Token })
        {
            using var refused = await Get(path, header);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
            Assert.Equal("unauthenticated", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("kind").GetString());
        }

        using var served = await Get(path, "Bearer " + GuardedHost.Token);
        Assert.Equal(path == "nowhere" ? HttpStatusCode.NotFound : HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task Health_is_open_to_everybody()
    {
        using var live = await Get("healthz/live", null);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await Eventually.True(async () => (await Get("healthz/ready", null)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task With_a_token_any_host_name_will_do()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/about");
        request.Headers.Host = "fury.example";
        request.Headers.Add("Authorization", "Bearer " + GuardedHost.Token);

        using var answer = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<HttpResponseMessage> Get(string path, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return host.Client.SendAsync(request);
    }
}
