using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk.Drivers;

namespace Fury.Services.Tests.Moves;

/// <summary>What people say of moves, and what is said to them before anything is changed.</summary>
[Collection(MovesFixture.Name)]
public sealed class MoveApiTests(MovesFixture platform)
{
    private static readonly ServiceRoute InMemory = new("local", "local", null, "local", "api", null);

    private string Redis => platform.Redis.Endpoint.OriginalString;

    [Theory]
    [InlineData("""{ "route": null }""", "route")]
    [InlineData("""{ "route": { "driver": "redis", "endpoint": "redis://me:canary-51@10.0.0.7" } }""", "route.endpoint")]
    [InlineData("""{ "route": { "driver": "redis" }, "require": ["kv ttl"] }""", "require")]
    [InlineData("""{ "route": { "driver": "redis" }, "keysPerSecond": 0 }""", "keysPerSecond")]
    [InlineData("""{ "route": { "driver": "carrier-pigeon" } }""", "route.driver")]
    [InlineData("""{ "route": { "driver": "local", "resource": "api" } }""", "route.resource")]
    public async Task What_cannot_be_is_said_with_its_field_and_what_would_be_right(string body, string field)
    {
        var service = await platform.Service("wrong", ServiceKind.KeyValue, InMemory);
        using var answer = await platform.Client.PostAsJsonAsync(MovesFixture.Path(service), JsonSerializer.Deserialize<JsonElement>(body));

        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-51", text, StringComparison.Ordinal);
        await IsUntouched(service);
    }

    [Fact]
    public async Task A_closed_gate_says_all_reasons_at_once_and_changes_nothing()
    {
        var service = await platform.Service("gated", ServiceKind.KeyValue, InMemory);
        var target = new ServiceRoute("redis", "direct", Redis, "local", "gated", null);
        await using (var driver = await platform.Get<HostDrivers>().Open(service, target, default))
        {
            var put = new Sdk.Drivers.KvStep(
                Sdk.Drivers.KvStepKind.Put, "a", new Sdk.KeyValue.KvEnvelope(Guid.NewGuid(), 1, 0, 0).Wrap([]), Sdk.Drivers.KvGuard.None, null);
            await ((Sdk.Drivers.IKeyValueDriver)driver).WriteAsync(put, default);
        }

        using var answer = await platform.Client.PostAsJsonAsync(
            MovesFixture.Path(service), new { route = target, require = new[] { "kv.ttl", "kv.telepathy" } }, FuryJson.Options);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(
            "key-value gated/production-web/carts is not moved. The target was not attested to have 'kv.telepathy'. "
            + "The target is not empty; give it another resource, or purge it.",
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("title").GetString());
        await IsUntouched(service);
    }

    [Theory]
    [InlineData(ServiceKind.Locks)]
    [InlineData(ServiceKind.Sequences)]
    public async Task One_name_in_the_target_is_found_among_all_that_others_have_there(ServiceKind kind)
    {
        var service = await platform.Service("crowded", kind, InMemory with { Resource = "crowded" });
        var target = new ServiceRoute("redis", "direct", Redis, "local", $"crowded-{Word.Of(kind)}", null);
        var others = service with { Kind = ServiceKind.Sequences };
        await using (var crowd = (ISequenceDriver)await platform.Get<HostDrivers>().Open(others, target with { Resource = "others" }, default))
        {
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(each => crowd.ReserveAsync($"s{each}", 1, default).AsTask()));
        }

        await using (var driver = await platform.Get<HostDrivers>().Open(service, target, default))
        {
            await (driver is ILockDriver locks
                ? locks.TryAcquireAsync("theirs", "somebody", TimeSpan.FromSeconds(1), default).AsTask()
                : (Task)((ISequenceDriver)driver).ReserveAsync("theirs", 1, default).AsTask());
        }

        using var answer = await Begin(service, target);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("The target is not empty", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await IsUntouched(service);
    }

    [Fact]
    public async Task A_target_that_cannot_be_reached_is_said_and_so_is_a_kind_that_has_no_move()
    {
        var service = await platform.Service("away", ServiceKind.KeyValue, InMemory);
        using var away = await Begin(service, new("redis", "direct", "redis://127.0.0.1:1", "local", "away", null));
        var secrets = await platform.Service("away", ServiceKind.Secrets, InMemory);
        using var none = await Begin(secrets, new("local", "local", null, "local", "away", null));
        using var unbound = await Begin(service with { Service = ServiceName.Parse("orders") }, InMemory);

        Assert.Contains("The target (redis) cannot be used", await away.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("key-value, objects, queue, locks, sequences", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(
            (HttpStatusCode.Conflict, HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (away.StatusCode, none.StatusCode, unbound.StatusCode));
        await IsUntouched(service);
    }

    [Fact]
    public async Task A_service_moves_once_at_a_time_and_what_has_not_begun_is_given_up()
    {
        var service = await platform.Service("twice", ServiceKind.KeyValue, InMemory with { Resource = "twice" });
        var target = new ServiceRoute("redis", "direct", Redis, "local", "twice", null);
        var none = await platform.Client.GetAsync(MovesFixture.Path(service));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        var both = await Task.WhenAll(Begin(service, target), Begin(service, target));
        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict], both.Select(each => each.StatusCode).Order());
        var move = await platform.Move(service);
        Assert.Equal(("check", "me", false), (
            move.GetProperty("step").GetString(), move.GetProperty("by").GetString(), move.GetProperty("goesBack").GetBoolean()));

        await platform.Back(service);
        await using var mover = await platform.Mover("twice");
        await Testing.Eventually.True(async () => (await platform.Move(service)).TryGetProperty("outcome", out _));
        var given = await platform.Move(service);
        Assert.Equal(("refused", "It was given up before it began."), (
            given.GetProperty("outcome").GetString(), given.GetProperty("waitsFor").GetString()));
        await platform.Back(service);
        var list = await platform.Client.GetFromJsonAsync<JsonElement>("applications/twice/scopes/production-web/moves");
        Assert.Equal("carts", list[0].GetProperty("service").GetString());
        Assert.Equal(1, (await platform.Get<IBindingMoves>().Find(service, default)).Value.Epoch);
    }

    [Theory]
    [InlineData(ServiceKind.Topic, "carts", "bind its subscriptions to the target, then switch it")]
    [InlineData(ServiceKind.Stream, "carts", "let its groups read to the end")]
    [InlineData(ServiceKind.Cache, "carts", "is cold then")]
    [InlineData(ServiceKind.Configuration, "carts", "Put it into the target")]
    [InlineData(ServiceKind.Queue, "orders/billing", "it goes where that goes")]
    public async Task What_has_no_move_is_told_what_is_done_instead(ServiceKind kind, string name, string instead)
    {
        var route = InMemory with { Resource = "instead" };
        var service = await platform.Service("instead", kind, route, name);

        using var answer = await Begin(service, route with { Resource = "instead-2" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(instead, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await IsUntouched(service);
    }

    private Task<HttpResponseMessage> Begin(BoundService service, ServiceRoute route) =>
        platform.Client.PostAsJsonAsync(MovesFixture.Path(service), new { route, by = "me" }, FuryJson.Options);

    private async Task IsUntouched(BoundService service)
    {
        using var none = await platform.Client.GetAsync(MovesFixture.Path(service));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal(1, (await platform.Get<IBindingMoves>().Find(service, default)).Value.Epoch);
    }
}
