using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster.Tests.Operations;

/// <summary>The controller over real HTTP.</summary>
public sealed class ApiTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>, IAsyncLifetime, IDisposable
{
    private readonly World _world = new();
    private readonly HttpClient _client = new();
    private MonsterUnderTest _host = null!;
    private WebApplication _server = null!;

    public async Task InitializeAsync()
    {
        _host = await database.NewHost(_world);
        await _host.Joined();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddModuleControllers([new LittleMonsterModule()]);
        builder.Services.AddSingleton(_host.Desk).AddSingleton(_host.Sagas);
        _server = builder.Build();
        _server.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, context.Request.Headers["X-User"].ToString())], "test"));
            return next(context);
        });
        _server.MapControllers();
        await _server.StartAsync();
        _client.BaseAddress = new Uri(new Uri(_server.Urls.Single()), "api/v1/sagas");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_stuck_saga_is_found_looked_at_and_put_right()
    {
        var id = await Stuck("put-right");

        var list = await Read(await _client.GetAsync("sagas?state=stuck&state=parked&key=put-right"));
        var item = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(("stuck", "pay", "test.pay"), (Text(item, "state"), Text(item, "step"), Text(item, "name")));
        var saga = await Read(await _client.GetAsync($"sagas/{id}"));
        var body = new { reason = "it was paid", revision = saga.GetProperty("revision").GetInt32(), result = new Receipt("R-7", 5) };
        using var skipped = await Post(id, "skip", body);
        await _host.In(id, SagaState.Completed);

        Assert.Equal(HttpStatusCode.Accepted, skipped.StatusCode);
        Assert.Equal($"/api/v1/sagas/{id}/timeline", skipped.Headers.Location?.ToString());
        Assert.Equal(id.ToString(), Text(await Read(skipped), "id"));
        var timeline = await Read(await _client.GetAsync($"sagas/{id}/timeline"));
        Assert.Equal("completed", Text(timeline.GetProperty("saga"), "state"));
        var order = Assert.Single(timeline.GetProperty("entries").EnumerateArray(), entry => Text(entry, "kind") == "skipped").GetProperty("data");
        Assert.Equal(("ann", "it was paid"), (Text(order, "by"), Text(order, "reason")));
    }

    [Fact]
    public async Task Retry_and_cancel_are_there_and_one_who_has_no_name_is_anonymous()
    {
        var (retried, cancelled) = (await Stuck("api-retry"), await Stuck("api-cancel"));
        using var retry = await Post(retried, "retry", new { reason = "again" }, user: null);
        using var cancel = await Post(cancelled, "cancel", new { reason = "away with it" });

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (retry.StatusCode, cancel.StatusCode));
        await _host.In(retried, SagaState.Completed);
        await _host.In(cancelled, SagaState.Compensated);
        var entries = (await Read(await _client.GetAsync($"sagas/{retried}/timeline"))).GetProperty("entries").EnumerateArray();
        Assert.Equal("anonymous", Text(Assert.Single(entries, entry => Text(entry, "kind") == "retry-requested").GetProperty("data"), "by"));
        using var late = await Post(retried, "retry", new { reason = "again" });
        using var stale = await Post(await Stuck("api-stale"), "retry", new { reason = "again", revision = 1 });
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed), (late.StatusCode, stale.StatusCode));
    }

    [Theory]
    [InlineData("GET", "sagas?state=dead&startedAfter=noon&startedBefore=7", null, "state startedAfter startedBefore")]
    [InlineData("GET", "sagas?limit=0&after=x", null, "after limit")]
    [InlineData("GET", "sagas/abc", null, "id")]
    [InlineData("GET", "sagas/abc/timeline", null, "id")]
    [InlineData("POST", "sagas/abc/cancel", """{"reason":"r"}""", "id")]
    [InlineData("POST", "sagas/1/retry", "{}", "reason")]
    [InlineData("POST", "sagas/1/skip", """{"reason":"r","revision":"one"}""", "revision")]
    public async Task A_bad_request_names_its_fields(string method, string path, string? body, string fields)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await Read(answer)).GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(fields, string.Join(' ', errors.Select(error => Text(error, "field"))));
        Assert.All(errors, error => Assert.NotEqual("a right value", Text(error, "expected")));
    }

    [Fact]
    public async Task A_result_of_the_wrong_type_is_refused_by_name()
    {
        using var refused = await Post(await Stuck("api-misfit"), "skip", new { reason = "it was paid", result = 7 });
        var error = Assert.Single((await Read(refused)).GetProperty("errors").EnumerateArray());
        Assert.Equal(("result", "7"), (Text(error, "field"), Text(error, "value")));
    }

    private async Task<SagaId> Stuck(string key)
    {
        _world.Refuse("do:pay", FaultKind.Unavailable, times: 1);
        var id = (await _host.Sagas.Start<PaySaga, Order>(key, new Order(key), CancellationToken.None)).Value;
        await _host.In(id, SagaState.Stuck);
        return id;
    }

    private Task<HttpResponseMessage> Post(SagaId id, string order, object body, string? user = "ann")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"sagas/{id}/{order}") { Content = JsonContent.Create(body, options: FuryJson.Options) };
        request.Headers.Add("X-User", user);
        return _client.SendAsync(request);
    }

    private static Task<JsonElement> Read(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
