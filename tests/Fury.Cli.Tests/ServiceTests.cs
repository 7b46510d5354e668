using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>Services and what stands behind them, as people ask for them and read of them.</summary>
public sealed class ServiceTests
{
    private const string Place = "/api/v1/applications/shop/scopes/production-web/bindings";
    private static readonly string[] Scope = ["-a", "shop", "-s", "production-web"];

    [Fact]
    public async Task A_service_is_declared_bound_and_shown()
    {
        await using var api = await FakeApi.Start();
        api.Answers("PUT", "/api/v1/applications/shop/services/queue/orders/billing", "{}", 201);
        api.Answers("PUT", $"{Place}/key-value/carts", Binding(1), 201);
        api.Answers("GET", Place, new[] { Status(3, 7, new BindingHolder("one", 2, "It has no route.", default)) });

        var create = await InProcess.Run(api, "service", "create", "queue", "orders/billing", "-a", "shop");
        string[] through = ["--driver", "redis", "--endpoint", "redis://10.0.0.7", "--transport", "gateway"];
        var bind = await InProcess.Run(api, ["service", "bind", "key-value", "carts", .. through, "--by", "ana", .. Scope]);
        var body = JsonDocument.Parse(api.Requests.Last().Body).RootElement;
        var status = await InProcess.Run(api, ["service", "status", .. Scope]);
        var bad = await InProcess.Run(api, "service", "create", "kv", "carts", "-a", "shop");

        Assert.Equal("Service orders/billing (queue) of shop is declared.\n", create.Out);
        Assert.Equal("carts in shop/production-web is bound to redis (carts) from epoch 1 on.\n", bind.Out);
        var route = body.GetProperty("route");
        Assert.Equal(
            ("redis", "gateway", "ana"),
            (route.GetProperty("driver").GetString(), route.GetProperty("transport").GetString(), body.GetProperty("by").GetString()));
        Assert.Equal(
            """
            SERVICE  KIND       DRIVER  RESOURCE  EPOCH  IN FORCE  BEHIND
            carts    key-value  redis   carts     3      7         1
            one is at epoch 2: It has no route.

            """,
            status.Out);
        Assert.Equal(ExitCode.Usage, bad.ExitCode);
    }

    [Fact]
    public async Task A_switch_waits_until_every_instance_has_it_and_says_who_refuses()
    {
        await using var api = await FakeApi.Start();
        var asked = 0;
        api.Answers("PUT", $"{Place}/key-value/carts", Binding(2), 201);
        api.On("GET", Place, context => FakeApi.Write(context, 200, JsonSerializer.Serialize(
            new[] { ++asked < 3 ? Status(2, 1, new BindingHolder("two", 1, null, default)) : Status(2, 2) }, FuryJson.Options)));
        string[] command = ["service", "switch", "key-value", "carts", "--driver", "redis", .. Scope];

        var switched = await InProcess.Run(api, command);
        api.Answers("GET", Place, new[] { Status(2, 1, new BindingHolder("two", 1, "It is down.", default)) });
        var refused = await InProcess.Run(api, command);
        api.Answers("GET", Place, Array.Empty<BindingStatus>());
        var unbound = await InProcess.Run(api, command);

        Assert.Equal("carts in shop/production-web is bound to redis (carts) from epoch 2 on.\nIn force in 2 instances.\n", switched.Out);
        Assert.Equal(3, asked);
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("two stays at epoch 1: It is down.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing is bound to carts (key-value) in shop/production-web", unbound.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_is_begun_followed_turned_round_and_listed()
    {
        await using var api = await FakeApi.Start();
        const string Path = "/api/v1/applications/shop/scopes/production-web/services/key-value/carts/move";
        var asked = 0;
        api.Answers("POST", Path, Move("check", null, null), 202);
        api.On("GET", Path, context => FakeApi.Write(
            context, 200, ++asked == 1 ? Move("copy", "two works by epoch 2 still.", null) : Move("moved", null, "moved")));
        api.Answers("DELETE", Path, Move("hold", null, null));
        api.Answers("GET", "/api/v1/applications/shop/scopes/production-web/moves", $"[{Move("copy", "two works by epoch 2 still.", null)}]");
        string[] command = ["service", "move", "key-value", "carts", .. Scope];

        var moved = await InProcess.Run(api, [.. command, "--driver", "postgres", "--credential", "env:PG", "--require", "kv.ttl", "--watch"]);
        var body = JsonDocument.Parse(api.Requests.First().Body).RootElement;
        var back = await InProcess.Run(api, [.. command, "--back"]);
        var list = await InProcess.Run(api, ["service", "moves", .. Scope]);
        var neither = await InProcess.Run(api, command);

        Assert.Equal("check\ncopy: two works by epoch 2 still.\nmoved\n", moved.Out);
        Assert.Equal(ExitCode.Ok, moved.ExitCode);
        Assert.Equal(("postgres", "kv.ttl"), (body.GetProperty("route").GetProperty("driver").GetString(), body.GetProperty("require")[0].GetString()));
        Assert.False(body.TryGetProperty("evenIfBehind", out _));
        Assert.Equal("The move of carts to postgres (carts) turns round: fury service moves.\n", back.Out);
        Assert.Equal(
            """
            SERVICE  KIND       FROM           TO                STEP  KEYS  EPOCH
            carts    key-value  redis (carts)  postgres (carts)  copy  1200  3
            carts: two works by epoch 2 still.

            """,
            list.Out);
        Assert.Equal(ExitCode.Usage, neither.ExitCode);
    }

    private static string Move(string step, string? waitsFor, string? outcome) => JsonSerializer.Serialize(
        new
        {
            Kind = ServiceKind.KeyValue,
            Service = "carts",
            Source = Binding(1).Route,
            Target = Binding(1).Route! with { Driver = "postgres" },
            Step = step,
            Epoch = 3,
            Keys = 1200,
            GoesBack = false,
            WaitsFor = waitsFor,
            Outcome = outcome,
        },
        FuryJson.Options);

    [Fact]
    public async Task What_is_to_be_bound_is_probed_first_and_what_does_not_answer_is_not_bound()
    {
        await using var api = await FakeApi.Start();
        const string Probe = "/api/v1/applications/shop/scopes/production-web/attestations/key-value/carts";
        var levels = new Dictionary<string, string> { ["kv.ttl"] = "native", ["kv.read-strong"] = "emulated" };
        var attested = new Attestation(
            ScopeRef.Parse("shop/production-web"), ServiceKind.KeyValue, ServiceName.Parse("carts"), "f00d", levels, new Dictionary<string, long>(),
            ["kv.read-strong"], ["kv.cas"], default);
        api.Answers("POST", Probe, attested);
        api.Answers("PUT", $"{Place}/key-value/carts", Binding(1), 201);
        string[] bind = ["service", "bind", "key-value", "carts", "--driver", "redis", "--attest", .. Scope];

        var bound = await InProcess.Run(api, bind);
        var probed = await InProcess.Run(api, ["service", "attest", "key-value", "carts", .. Scope]);
        var asked = api.Requests.Last().Body;
        api.Answers("POST", Probe, """{"title":"It is down.","status":503}""", 503);
        var before = api.Requests.Count;
        var refused = await InProcess.Run(api, bind);

        const string Table =
            """
            CAPABILITY      LEVEL     BY
            kv.read-strong  emulated  probe
            kv.ttl          native    its driver's word
            kv.cas          none      probe, against its driver's word

            """;
        Assert.Equal(Table + "carts in shop/production-web is bound to redis (carts) from epoch 1 on.\n", bound.Out);
        Assert.Equal((Table, "{}"), (probed.Out, asked));
        Assert.Equal(1, api.Requests.Count - before);
        Assert.NotEqual(ExitCode.Ok, refused.ExitCode);
    }

    private static ServiceBinding Binding(long epoch) => new(
        ScopeRef.Parse("shop/production-web"), ServiceKind.KeyValue, ServiceName.Parse("carts"), epoch,
        new("redis", "direct", "redis://10.0.0.7", "local", "carts", null), "", "ana", default);

    private static BindingStatus Status(long epoch, int inForce, params BindingHolder[] behind) => new(Binding(epoch), inForce, behind);
}
