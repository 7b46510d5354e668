using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting.Tests;

public sealed record EchoRequest(string Name, ComputeKind Kind, EchoSize? Size, IReadOnlyList<ScopeName>? Scopes);

public sealed record EchoSize(int CpuMillis, TimeSpan? Wait);

[ApiController]
[Route("echo")]
internal sealed class EchoController : ControllerBase
{
    [HttpPut("{application}/{pool}")]
    public ActionResult<EchoRequest> Put(ApplicationName application, PoolId pool, EchoRequest request)
    {
        return Ok(request with { Name = $"{application} {pool} {request.Name}" });
    }

    [HttpGet("{what}")]
    public ActionResult<int> Find(string what) =>
        what == "known" ? Ok(0) : ((Outcome<int>)Fault.Conflict("It is there already.").With("deploymentId", 7)).Answer();
}

public sealed class EchoHost : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
    private WebApplication? _app;

    public TestDatabase<SampleModule> Database { get; } = new();

    public HttpClient Client { get; } = new();

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Fury"] = Database.ConnectionString,
            ["Fury:DataFolder"] = _folder,
        });
        builder.Services.AddFuryHosting(builder.Configuration, [new SampleModule()]);
        builder.Services.AddModuleControllers([new SampleModule()]);
        _app = builder.Build();
        _app.MapControllers();
        _app.MapHealthChecks("/ready");
        await _app.StartAsync();
        Client.BaseAddress = new(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => Client.Dispose();
}

public sealed class HttpTests(EchoHost host) : IClassFixture<EchoHost>
{
    private const string Good = """{ "name": "x", "kind": "standard", "size": { "cpuMillis": 100 }, "scopes": ["production-web"] }""";

    [Fact]
    public async Task Internal_controllers_of_modules_answer_with_names_ids_and_enums()
    {
        var pool = PoolId.New(TimeProvider.System);
        var answer = await Put($"echo/shop/{pool}", Good);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"shop {pool} x", body.GetProperty("name").GetString());
        Assert.Equal("standard", body.GetProperty("kind").GetString());
        Assert.Equal("production-web", body.GetProperty("scopes")[0].GetString());
    }

    [Theory]
    [InlineData("echo/Shop!/00000000-0000-0000-0000-000000000001", Good, "application", "2 to 40 lower-case letters")]
    [InlineData("echo/shop/seven", Good, "pool", "a UUID")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", "{ \"name\": \"x\",\n }", "body", "line 2")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", "", "body", "given")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "kind": "standard" }""", "name", "given")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "name": "x", "kind": "other" }""", "kind", "one of standard, serverless")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "name": 3 }""", "name", "a text")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "name": "x", "size": { "cpuMillis": "many" } }""", "size.cpuMillis", "a whole number")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "name": "x", "size": { "wait": "soon" } }""", "size.wait", "a duration")]
    [InlineData("echo/shop/00000000-0000-0000-0000-000000000001", """{ "name": "x", "scopes": ["a"] }""", "scopes[0]", "environment-role")]
    public async Task A_bad_request_is_told_which_field_and_what_would_be_right(string path, string body, string field, string expected)
    {
        var answer = await Put(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal("invalid", problem.GetProperty("kind").GetString());
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(expected, error.GetProperty("expected").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_bad_field_is_named_at_once()
    {
        var answer = await Put("echo/Shop!/seven", Good);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var fields = problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()!);
        Assert.Equal(["application", "pool"], fields.Order());
    }

    [Fact]
    public async Task A_refusal_is_a_problem_with_its_kind_and_its_facts()
    {
        var answer = await host.Client.GetAsync(new Uri("echo/conflict", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("conflict", problem.GetProperty("kind").GetString());
        Assert.Equal("7", problem.GetProperty("deploymentId").GetString());
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var large = Good.Replace("\"x\"", $"\"{new string('x', ModuleControllers.BodyBytesMax)}\"", StringComparison.Ordinal);
        var answer = await Put("echo/shop/00000000-0000-0000-0000-000000000001", large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task The_health_page_sees_the_database_and_what_is_parked()
    {
        Assert.Equal("Healthy", await host.Client.GetStringAsync(new Uri("ready", UriKind.Relative)));
        await using var connection = await host.Database.Database.Source.OpenConnectionAsync();
        await using var park = connection.CreateCommand();
        park.CommandText = "insert into hosting.outbox (type, key, body, parked_at) values ('t', 'k', '{}', now())";
        await park.ExecuteNonQueryAsync();
        Assert.Equal("Degraded", await host.Client.GetStringAsync(new Uri("ready", UriKind.Relative)));
    }

    private async Task<HttpResponseMessage> Put(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await host.Client.PutAsync(new Uri(path, UriKind.Relative), content);
    }
}
