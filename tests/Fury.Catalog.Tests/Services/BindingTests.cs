using System.Net;
using System.Text.Json;
using Fury.Catalog.Bindings;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Services;

/// <summary>What people say of services and bindings.</summary>
public sealed class BindingTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    [Fact]
    public async Task A_service_is_declared_once_and_found_by_kind_and_name()
    {
        var scope = await Scope("declared");
        Assert.Equal(HttpStatusCode.Created, await Status($"applications/{scope.Application}/services/key-value/carts"));
        Assert.Equal(HttpStatusCode.OK, await Status($"applications/{scope.Application}/services/key-value/carts"));
        Assert.Equal(HttpStatusCode.Created, await Status($"applications/{scope.Application}/services/queue/orders/billing"));
        Assert.Equal(HttpStatusCode.NotFound, await Status("applications/nobodys/services/queue/orders"));

        var page = await Get($"applications/{scope.Application}/services?limit=1");
        Assert.Equal("carts", page.GetProperty("items")[0].GetProperty("name").GetString());
        var next = await Get($"applications/{scope.Application}/services?limit=1&after={page.GetProperty("next").GetString()}");
        Assert.Equal("orders/billing", next.GetProperty("items")[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("services/kv/carts", "kind")]
    [InlineData("services/queue/Orders", "service")]
    [InlineData("services/queue/a/b/c", "service")]
    [InlineData("scopes/production-web/bindings/queue/orders-", "service")]
    public async Task A_bad_name_is_said_with_what_would_be_right(string path, string field)
    {
        using var answer = await catalog.Put($"applications/shop/{path}", new { route = new { driver = "redis" } });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (await CatalogFixture.Json(answer)).GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task Each_switch_is_one_epoch_more_and_a_repetition_is_none()
    {
        var scope = await Scope("switched");
        var path = await Service(scope, "carts");

        Assert.Equal((HttpStatusCode.Created, 1), await Bind(path, new { driver = "local", transport = "local" }));
        Assert.Equal((HttpStatusCode.OK, 1), await Bind(path, new { driver = "local", transport = "local" }));
        Assert.Equal((HttpStatusCode.OK, 1), await Bind(path, new { driver = "local", transport = "local", dialect = new { } }));
        Assert.Equal((HttpStatusCode.Created, 2), await Bind(path, new { driver = "redis", endpoint = "redis://10.0.0.7:6379" }));
        object dialect = new Dictionary<string, string> { ["s3.if-match"] = "unquoted", ["s3.conditions"] = "put-only" };
        Assert.Equal((HttpStatusCode.Created, 3), await Bind(path, new { driver = "s3", credential = "env:KEY_ID,SECRET", dialect }));
        Assert.Equal((HttpStatusCode.OK, 3), await Bind(path, new { driver = "s3", credential = "env:KEY_ID,SECRET", dialect }));
        using var removed = await catalog.Client.DeleteAsync($"{path}?by=me");
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        using var twice = await catalog.Client.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, twice.StatusCode);
        Assert.Empty((await Get($"applications/{scope.Application}/scopes/{scope.Scope}/bindings")).EnumerateArray());
        Assert.Equal((HttpStatusCode.Created, 5), await Bind(path, new { driver = "local", transport = "local" }));
    }

    [Theory]
    [InlineData("""{ "route": null }""", "route")]
    [InlineData("""{ "route": { "driver": "a b" } }""", "route.driver")]
    [InlineData("""{ "route": { "driver": "redis", "transport": "pigeon" } }""", "route.transport")]
    [InlineData("""{ "route": { "driver": "redis", "endpoint": "here" } }""", "route.endpoint")]
    [InlineData("""{ "route": { "driver": "redis", "endpoint": "redis://me:canary-51@10.0.0.7" } }""", "route.endpoint")]
    [InlineData("""{ "route": { "driver": "redis", "credential": "canary-51 as it is" } }""", "route.credential")]
    [InlineData("""{ "route": { "driver": "redis", "credential": "env:A,canary-51" } }""", "route.credential")]
    [InlineData("""{ "route": { "driver": "redis", "resource": "" } }""", "route.resource")]
    [InlineData("""{ "route": { "driver": "s3", "dialect": { "s3.if-match": "a b" } } }""", "route.dialect")]
    public async Task A_route_that_cannot_be_is_refused_and_a_secret_in_it_is_not_repeated(string body, string field)
    {
        var scope = await Scope("refused");
        using var answer = await catalog.Put(await Service(scope, "carts"), JsonSerializer.Deserialize<JsonElement>(body));

        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain("canary-51", text, StringComparison.Ordinal);
        Assert.Contains($"\"field\":\"{field}\"", text, StringComparison.Ordinal);
        Assert.Equal(0, (await catalog.Get<BindingStore>().All(scope, default)).Value.Revision);
    }

    [Fact]
    public async Task By_the_gateway_an_instance_is_told_nothing_of_the_provider_and_a_host_follows_every_change()
    {
        var scope = await Scope("gated");
        var path = await Service(scope, "carts");
        var known = catalog.Get<IServiceBindings>();
        ValueTask<ServiceBinding?> Known(long epoch) => known.Find(scope, ServiceKind.KeyValue, ServiceName.Parse("carts"), epoch, default);
        Assert.Null(await Known(1));
        await Bind(path, new { driver = "redis", transport = "gateway", endpoint = "redis://10.0.0.7:6379", credential = "env:SHOP_KEY" });

        var first = await Known(1);
        var told = SealedBinding.Of(first!, "token").Document;
        Assert.Equal("redis://10.0.0.7:6379", first!.Route!.Endpoint);
        Assert.Contains("\"driver\":\"gateway\"", told, StringComparison.Ordinal);
        Assert.All(["redis", "10.0.0.7", "SHOP_KEY"], each => Assert.DoesNotContain(each, told, StringComparison.Ordinal));

        // An instance may have heard of a change before this host has.
        await Bind(path, new { driver = "local", transport = "gateway" });
        Assert.Equal((1, 2), ((await Known(1))!.Epoch, (await Known(2))!.Epoch));
        await Bind(path, new { driver = "local", transport = "direct" });
        await catalog.Get<BindingNewsReconciler>().Pass(0, default);
        Assert.Equal(3, (await Known(1))!.Epoch);
    }

    [Fact]
    public async Task The_next_epoch_waits_for_instances_that_live_and_have_not_said_a_word_of_this_one()
    {
        var scope = await Scope("waited");
        var path = await Service(scope, "carts");
        await Bind(path, new { driver = "local", transport = "local" });
        await Bind(path, new { driver = "redis", endpoint = "redis://10.0.0.7:6379" });
        await Holds(scope, "late-1", 1, null);
        var third = new { driver = "redis", endpoint = "redis://10.0.0.8:6379" };

        using var refused = await catalog.Put(path, new { route = third });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("late-1", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await Holds(scope, "late-1", 1, "It has no route to 10.0.0.7.");
        Assert.Equal((HttpStatusCode.Created, 3), await Bind(path, third));
        var status = (await Get($"applications/{scope.Application}/scopes/{scope.Scope}/bindings"))[0];
        Assert.Equal((0, "late-1"), (status.GetProperty("inForce").GetInt32(), status.GetProperty("behind")[0].GetProperty("instance").GetString()));

        await Holds(scope, "late-1", 2, null);
        Assert.Equal(HttpStatusCode.Conflict, (await Bind(path, new { driver = "local" })).Status);
        using var all_the_same = await catalog.Put(path, new { route = new { driver = "local" }, evenIfBehind = true });
        Assert.Equal(HttpStatusCode.Created, all_the_same.StatusCode);
        await catalog.Get<HolderStore>().Keep([new(scope, "late-1", [], true, IsLeaving: true)], default);
        Assert.Equal((HttpStatusCode.Created, 5), await Bind(path, third));
    }

    [Fact]
    public async Task Of_many_who_bind_at_once_each_gets_an_epoch_of_its_own()
    {
        var scope = await Scope("raced");
        var path = await Service(scope, "carts");

        var epochs = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Bind(path, new { driver = "redis", resource = $"carts-{number}" })));

        Assert.Equal(Enumerable.Range(1, 16), epochs.Select(each => each.Epoch).Order());
        Assert.Equal(16, (await catalog.Get<BindingStore>().All(scope, default)).Value.Revision);
    }

    [Fact]
    public async Task Only_a_token_of_this_platform_may_ask_for_bindings()
    {
        var scope = await Scope("asked");
        var identity = catalog.Get<WorkloadIdentity>();
        var token = identity.TokenOf(scope);

        Assert.True(identity.TryRead(token, out var read));
        Assert.Equal(scope, read);
        var changed = token[..^1] + (token[^1] == '0' ? '1' : '0');
        foreach (var wrong in new[] { null, "", "fw1", changed, token.Replace("asked", "waited", StringComparison.Ordinal), token + "0", "fw1.a.b.c" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "runtime/bindings")
            {
                Content = System.Net.Http.Json.JsonContent.Create(new { instance = "one" }),
                Headers = { Authorization = wrong is null ? null : new("Bearer", wrong) },
            };
            using var answer = await catalog.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private Task Holds(ScopeRef scope, string instance, long epoch, string? refused) => catalog.Get<HolderStore>().Keep(
        [new(scope, instance, [new(ServiceKind.KeyValue, ServiceName.Parse("carts"), epoch, refused)], true, false)], default);

    private async Task<ScopeRef> Scope(string application)
    {
        using var app = await catalog.Put($"applications/{application}", new { team = "core" });
        using var scope = await catalog.Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        return ScopeRef.Parse($"{application}/production-web");
    }

    private async Task<string> Service(ScopeRef scope, string name)
    {
        await Status($"applications/{scope.Application}/services/key-value/{name}");
        return $"applications/{scope.Application}/scopes/{scope.Scope}/bindings/key-value/{name}";
    }

    private async Task<HttpStatusCode> Status(string path)
    {
        using var answer = await catalog.Put(path, new { });
        return answer.StatusCode;
    }

    private async Task<(HttpStatusCode Status, int Epoch)> Bind(string path, object route)
    {
        using var answer = await catalog.Put(path, new { route, by = "me" });
        return (answer.StatusCode, answer.IsSuccessStatusCode ? (await CatalogFixture.Json(answer)).GetProperty("epoch").GetInt32() : 0);
    }

    private async Task<JsonElement> Get(string path)
    {
        using var answer = await catalog.Client.GetAsync(path);
        return await CatalogFixture.Json(answer);
    }
}
