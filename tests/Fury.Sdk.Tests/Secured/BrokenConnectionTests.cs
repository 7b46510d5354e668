using Fury.Sdk.Aws;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Etcd;
using Fury.Sdk.Nats;
using Fury.Sdk.Redis;
using Fury.Sdk.Tests.Wire;

namespace Fury.Sdk.Tests.Secured;

/// <summary>What breaks before a driver and its provider know each other has not happened, and may be tried again.</summary>
public sealed class BrokenConnectionTests
{
    private const string Variable = "FURY_TEST_BROKEN";

    public BrokenConnectionTests() => Environment.SetEnvironmentVariable(Variable, "canary");

    [Theory]
    [InlineData("redis", "rediss", "", true)]
    [InlineData("nats", "tls", "INFO {}\r\n", true)]
    [InlineData("nats", "tls", "INFO {", false)]
    [InlineData("etcd", "https", "", true)]
    public async Task A_connection_that_breaks_while_TLS_is_agreed_is_tried_again(string provider, string scheme, string greeting, bool listens)
    {
        await using var server = new RudeServer(greeting, listens: listens);
        var factories = provider switch { "redis" => RedisProvider.Factories, "nats" => NatsProvider.Factories, _ => EtcdProvider.Factories };
        await using var driver = await Open(factories, ServiceKind.KeyValue, $"{scheme}://127.0.0.1:{server.Port}", null);

        var broken = await Assert.ThrowsAsync<FuryException>(async () => await driver.ProbeAsync(default));

        Assert.Equal((FuryErrorCode.Unavailable, true, false), (broken.Code, broken.IsTransient, broken.OutcomeUnknown));
    }

    [Fact]
    public async Task What_a_sign_in_that_broke_stood_before_has_not_happened()
    {
        await using var server = new RudeServer();
        await using var driver = await Open(
            EtcdProvider.Factories, ServiceKind.KeyValue, $"http://127.0.0.1:{server.Port}", $"env:{Variable},{Variable}");

        var broken = await Assert.ThrowsAsync<FuryException>(async () => await driver.ProbeAsync(default));

        Assert.Equal((FuryErrorCode.Unavailable, true, false), (broken.Code, broken.IsTransient, broken.OutcomeUnknown));
        Assert.True(server.Heard > 0);
    }

    [Fact]
    public async Task Nobody_is_told_a_secret_because_somebody_else_has_said_so()
    {
        await using var stranger = new RudeServer();
        await using var server = new RudeServer(
            answer: $"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{stranger.Port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await using var driver = (ISecretDriver)await Open(
            AwsSecretsProvider.Factories, ServiceKind.Secrets, $"http://127.0.0.1:{server.Port}", $"env:{Variable},{Variable},{Variable}");

        await Assert.ThrowsAsync<FuryException>(async () => await driver.AddVersionAsync("a", new byte[] { 1 }, default));

        Assert.Equal((1, 0), (server.Heard, stranger.Heard));
    }

    private static ValueTask<IDriver> Open(IReadOnlyList<IDriverFactory> factories, ServiceKind kind, string endpoint, string? credential)
    {
        var factory = factories.Single(each => each.Kind == kind);
        var route = new ServiceRoute(factory.Provider, "direct", new Uri(endpoint), "local", "shop") { Credential = credential };
        return factory.OpenAsync(new DriverContext("shop", route, TimeProvider.System), default);
    }
}
