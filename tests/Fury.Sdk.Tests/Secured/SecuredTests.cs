using System.Diagnostics;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Etcd;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Nats;
using Fury.Sdk.Redis;
using Fury.Sdk.Tests.Conformance;
using Fury.Testing;

namespace Fury.Sdk.Tests.Secured;

public sealed class SecuredRedisTests(SecuredRedis server) : SecuredTests(server, RedisProvider.Factories), IClassFixture<SecuredRedis>;

public sealed class SecuredNatsTests(SecuredNats server) : SecuredTests(server, NatsProvider.Factories), IClassFixture<SecuredNats>;

public sealed class SecuredEtcdTests(SecuredEtcd server) : SecuredTests(server, EtcdProvider.Factories), IClassFixture<SecuredEtcd>
{
    [Fact]
    public async Task A_token_that_etcd_has_forgotten_is_asked_for_again()
    {
        var carts = await Bound();
        await carts.SetAsync("c1", new byte[1]);
        await server.ForgetTokens();

        Assert.NotNull(await carts.GetAsync("c1"));
    }
}

/// <summary>A real server that wants TLS and a password is used with both, and with nothing less.</summary>
public abstract class SecuredTests
{
    private readonly SecuredServer _server;
    private readonly IReadOnlyList<IDriverFactory> _factories;
    private readonly string _variable;

    protected SecuredTests(SecuredServer server, IReadOnlyList<IDriverFactory> factories)
    {
        (_server, _factories) = (server, factories);
        _variable = $"FURY_TEST_{server.GetType().Name.ToUpperInvariant()}";
        Environment.SetEnvironmentVariable(_variable + "_USER", SecuredServer.User);
        Environment.SetEnvironmentVariable(_variable + "_PASSWORD", SecuredServer.Password);
        Environment.SetEnvironmentVariable(_variable + "_WRONG", SecuredServer.Password + "-wrong");
        Environment.SetEnvironmentVariable(_variable + "_CA", server.Authority.Authority);
    }

    private string Credential => $"env:{_variable}_USER,{_variable}_PASSWORD";

    [Theory]
    [InlineData("kv: what was written is read")]
    [InlineData("kv: hostile keys are kept apart")]
    public Task It_keeps(string name) =>
        new RealServer(_factories, (_, resource) => Route("127.0.0.1", Credential, true, resource)).Keeps(name);

    [Fact]
    public async Task A_wrong_password_and_none_are_told_and_not_shown()
    {
        var wrong = await Refused(Route("127.0.0.1", $"env:{_variable}_USER,{_variable}_WRONG", true));
        var none = await Refused(Route("127.0.0.1", null, true));

        Assert.Equal((FuryErrorCode.Unauthenticated, FuryErrorCode.Unauthenticated), (wrong.Code, none.Code));
        Assert.False(wrong.IsTransient || wrong.OutcomeUnknown);
        Assert.DoesNotContain(SecuredServer.Password, $"{wrong}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_believed_or_has_another_name_gets_no_password()
    {
        var stranger = await Refused(Route("127.0.0.1", Credential, false));
        var other = await Refused(Route("localhost", Credential, true));

        Assert.All([stranger, other], each =>
        {
            Assert.Equal((FuryErrorCode.Unavailable, false, false), (each.Code, each.OutcomeUnknown, each.IsTransient));
            Assert.Contains("has not proved by TLS who it is", each.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_file_of_authorities_that_cannot_be_read_is_named()
    {
        var route = Route("127.0.0.1", Credential, true);
        Environment.SetEnvironmentVariable(_variable + "_NOCA", "/nowhere/ca.pem");

        var unset = await Refused(route with { Dialect = new Dictionary<string, string> { [TlsTrust.Word] = _variable + "_UNSET" } });
        var missing = await Refused(route with { Dialect = new Dictionary<string, string> { [TlsTrust.Word] = _variable + "_NOCA" } });

        Assert.Equal((FuryErrorCode.InvalidArgument, FuryErrorCode.InvalidArgument), (unset.Code, missing.Code));
        Assert.Contains("/nowhere/ca.pem", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_it_fails_in_time()
    {
        var scheme = _server.Scheme switch { "rediss" => "redis", "tls" => "nats", _ => "http" };
        var begun = Stopwatch.GetTimestamp();

        var plain = await Refused(Route("127.0.0.1", Credential, true) with { Endpoint = new Uri($"{scheme}://127.0.0.1:{_server.Port}") });

        Assert.True(Stopwatch.GetElapsedTime(begun) < Eventually.Deadline);
        Assert.DoesNotContain(SecuredServer.Password, $"{plain}", StringComparison.Ordinal);
    }

    protected Task<KeyValueStore> Bound() => Bind(Route("127.0.0.1", Credential, true));

    private async Task<FuryException> Refused(ServiceRoute route) => await Assert.ThrowsAsync<FuryException>(() => Bind(route));

    private async Task<KeyValueStore> Bind(ServiceRoute route)
    {
        var need = new ServiceNeed(ServiceKind.KeyValue, "carts");
        var runtime = new FuryRuntime(TimeProvider.System);
        runtime.Add(need, null);
        var binder = new Binder(_factories, TimeProvider.System, TimeSpan.Zero);
        using var stop = new CancellationTokenSource(Eventually.Deadline);
        await binder.Bind(runtime.Find(need.Kind, need.Name)!.Channel, need, new ServiceBinding("carts", need.Kind, 1, route), stop.Token);
        return runtime.KeyValue("carts");
    }

    private ServiceRoute Route(string host, string? credential, bool isBelieved, string resource = "carts") =>
        new(_factories[0].Provider, "direct", new Uri($"{_server.Scheme}://{host}:{_server.Port}"), "local", resource)
        {
            Credential = credential,
            Dialect = isBelieved ? new Dictionary<string, string> { [TlsTrust.Word] = _variable + "_CA" } : new Dictionary<string, string>(),
        };
}
