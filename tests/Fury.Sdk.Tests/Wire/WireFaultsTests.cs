using System.Net.Sockets;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.DynamoDb;
using Fury.Sdk.Etcd;
using Fury.Sdk.Nats;
using Fury.Sdk.Redis;
using Fury.Sdk.Tests.Postgres;
using Fury.Testing;
using Npgsql;

namespace Fury.Sdk.Tests.Wire;

public sealed class RedisWireTests(RedisServer server) : WireFaults, IClassFixture<RedisServer>
{
    private static long _runs;

    private protected override CuttingProxy Proxy() => new(() => LoopbackSockets.Connect(server.Endpoint.Port));

    private protected override (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port) => (
        new ServiceRoute(RedisProvider.Name, "direct", new Uri($"redis://127.0.0.1:{port}"), "local", $"wire{Interlocked.Increment(ref _runs)}"),
        RedisProvider.Factories);
}

public sealed class PostgresWireTests(PostgresUnderTest server) : WireFaults, IClassFixture<PostgresUnderTest>
{
    private static long _runs;

    /// <summary>The server listens on a socket in a folder only.</summary>
    private protected override CuttingProxy Proxy() => new(async () =>
    {
        var given = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(given.Host!, $".s.PGSQL.{given.Port}")));
        return socket;
    });

    private protected override (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port)
    {
        var text = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Port = port, SslMode = SslMode.Disable }.ToString();
        return (
            new ServiceRoute(PostgresProvider.Name, "direct", null, "local", $"wire{Interlocked.Increment(ref _runs)}"),
            new PostgresProvider(_ => text).Factories);
    }
}

public sealed class EtcdWireTests(EtcdServer server) : WireFaults, IClassFixture<EtcdServer>
{
    private static long _runs;

    private protected override CuttingProxy Proxy() => new(() => LoopbackSockets.Connect(server.Port));

    private protected override (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port) => (
        new ServiceRoute(EtcdProvider.Name, "direct", new Uri($"http://127.0.0.1:{port}"), "local", $"wire{Interlocked.Increment(ref _runs)}"),
        EtcdProvider.Factories);
}

public sealed class DynamoDbWireTests(DynaliteServer server) : WireFaults, IClassFixture<DynaliteServer>
{
    private static long _runs;

    private protected override CuttingProxy Proxy() => new(() => LoopbackSockets.Connect(server.Port));

    private protected override (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port) => (
        new ServiceRoute(
            DynamoDbProvider.Name, "direct", new Uri($"http://127.0.0.1:{port}"), "local", $"fury/wire{Interlocked.Increment(ref _runs)}")
        {
            Credential = AwsServer.Credential,
        },
        DynamoDbProvider.Factories);
}

internal static class LoopbackSockets
{
    public static async Task<Socket> Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return socket;
    }
}

public sealed class NatsWireTests(NatsServer server) : WireFaults, IClassFixture<NatsServer>
{
    private static long _runs;

    private protected override CuttingProxy Proxy() => new(() => LoopbackSockets.Connect(server.Port));

    private protected override (ServiceRoute Route, IReadOnlyList<IDriverFactory> Factories) Provider(int port) => (
        new ServiceRoute(NatsProvider.Name, "direct", new Uri($"nats://127.0.0.1:{port}"), "local", $"wire{Interlocked.Increment(ref _runs)}"),
        NatsProvider.Factories);
}
