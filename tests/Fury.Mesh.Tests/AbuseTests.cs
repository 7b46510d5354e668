using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Mesh.Tests;

/// <summary>Whatever one client does, its stream ends with a reason, memory stays bounded, and the others are served.</summary>
public sealed class AbuseTests : MeshTest
{
    private const long GrowthMax = 64 * 1024 * 1024;
    private const int Pushes = 10_000;

    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_is_no_request_ends_its_stream_with_the_status_that_it_deserves()
    {
        await using var calls = new XdsCalls(Mesh.Xds.Address);
        const string Ads = XdsMethods.DeltaAggregatedResources;
        Assert.Equal(GrpcStatus.InvalidArgument, await calls.Post(Ads, Frame(0, [0xff, 0xff, 0xff])));
        Assert.Equal(GrpcStatus.InvalidArgument, await calls.Post(XdsMethods.StreamLoadStats, Frame(0, [0xff, 0xff, 0xff])));
        Assert.Equal(GrpcStatus.ResourceExhausted, await calls.Post(Ads, Frame(0, new byte[1000], announced: 100_000_000)));
        Assert.Equal(GrpcStatus.Unimplemented, await calls.Post(Ads, Frame(1, new byte[10])));
        Assert.Equal(GrpcStatus.InvalidArgument, await calls.Post(Ads, Frame(0, new byte[10], announced: 20)));
        Assert.Equal(GrpcStatus.Unimplemented, await calls.Post("/fury.Nothing/Nothing", Frame(0, [])));

        foreach (var (first, expected) in new (DeltaDiscoveryRequest, GrpcStatus?)[]
        {
            (new() { TypeUrl = TypeUrls.Cluster }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = "a\0b" } }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = new string('a', 201) } }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = "one", Cluster = "no/such/thing\0" } }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = "type.googleapis.com/no.Such", Node = new() { Id = "one" } }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = "one" }, ResourceNamesSubscribe = { "a\0b" } }, GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = "one" }, ResourceNamesSubscribe = { new string('a', 501) } },
                GrpcStatus.InvalidArgument),
            (new() { TypeUrl = TypeUrls.Cluster, Node = new() { Id = "one" } }, null),
        })
        {
            Assert.Equal(expected, (await calls.Ask(first))?.Status);
        }

        Assert.Equal(GrpcStatus.InvalidArgument, (await calls.Ask(new LoadStatsRequest(), XdsMethods.StreamLoadStats))?.Status);
        await AnotherConverges(Mesh);
    }

    [Fact]
    public async Task What_a_proxy_says_never_keeps_its_host_from_putting_others_on_record()
    {
        var node = new Node { Id = "evil", UserAgentName = MeshProtocol.SidecarAgent, UserAgentVersion = "1\0" + new string('x', 100_000) };
        await using var evil = new TestProxy(Mesh.Xds.Address, "evil") { Node = node };
        await evil.Connect(Scope);
        evil.Refuses = "no\0" + new string('x', 100_000);
        var table = await Mesh.Publish(Scope, 1, new PoolWeight(await Mesh.ReadyPool(Scope), 100));

        await Eventually.True(async () => (await Mesh.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting is
            [{ Proxy: "evil", Stage: ProxyStage.Rejected, Detail.Length: < 2000 }]);

        // As another host reads it.
        var other = Another();
        await Eventually.True(async () => (await other.Tables.Converged(Scope, table.Version, TimeSpan.Zero, default)).Waiting is
            [{ Proxy: "evil", Stage: ProxyStage.Rejected, Detail.Length: < 2000 }]);
        await AnotherConverges(Mesh);
    }

    [Fact]
    public async Task Endless_subscriptions_end_their_stream_and_endless_changes_of_mind_are_remembered_within_bounds()
    {
        await using var calls = new XdsCalls(Mesh.Xds.Address);
        var greedy = calls.Open();
        var ended = ReadToEnd(greedy);
        for (var wave = 0; !ended.IsCompleted; wave++)
        {
            Assert.InRange(wave, 0, 100);
            var more = new DeltaDiscoveryRequest { Node = new() { Id = "greedy" }, TypeUrl = TypeUrls.ClusterLoadAssignment };
            more.ResourceNamesSubscribe.Add(Names(wave, 1000));
            await XdsCalls.End(async () =>
            {
                await greedy.Write(more, default);
                return true;
            });
        }

        Assert.Equal(GrpcStatus.ResourceExhausted, (await ended).Status);

        var fickle = calls.Open();
        for (var wave = 0; wave < 6; wave++)
        {
            var change = new DeltaDiscoveryRequest { Node = new() { Id = "fickle" }, TypeUrl = TypeUrls.ClusterLoadAssignment };
            change.ResourceNamesSubscribe.Add(Names(wave, 9000));
            change.ResourceNamesUnsubscribe.Add(Names(wave - 1, 9000));
            await fickle.Write(change, default);
        }

        await Eventually.True(() => Mesh.Hub.All().Any(stream => stream.Proxy.Name == "fickle" && stream.Asks.Contains("wave-5-0")));
        Assert.InRange((await Mesh.Proxies.Find("fickle", default))!.Scopes.Count, 9000, 40_000);
        await AnotherConverges(Mesh);

        static IEnumerable<string> Names(int wave, int count) => Enumerable.Range(0, count).Select(number => $"wave-{wave}-{number}");
    }

    [Fact]
    public async Task A_client_that_never_reads_costs_one_response_however_much_is_pushed_and_is_ended()
    {
        var clock = new LeapingClock();
        var host = await Another(services => services.AddSingleton<TimeProvider>(clock)).Serve();
        var (large, busy) = (MeshHost.Scope("large"), MeshHost.Scope("busy"));
        Push(host, large, endpoints: 20_000);
        Push(host, busy, endpoints: 1);
        await using var calls = new XdsCalls(host.Xds.Address);
        var slow = calls.Open();
        await slow.Write(
            new DeltaDiscoveryRequest
            {
                Node = new() { Id = "slow", UserAgentName = MeshProtocol.SidecarAgent },
                TypeUrl = TypeUrls.ClusterLoadAssignment,
                ResourceNamesSubscribe = { MeshNames.Of(large, Pool), MeshNames.Of(busy, Pool) },
            },
            default);
        await Eventually.True(() => host.Hub.All() is [var stream] && stream.Session[XdsType.Endpoint].IsUnderWay);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var push = 0; push < Pushes; push++)
        {
            Push(host, busy, endpoints: push % 7);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, GrowthMax);
        Assert.Single(host.Hub.All());
        await AnotherConverges(host);
        clock.Leap(GrpcLimits.Default.WriteTimeout);
        await Eventually.True(() => host.Hub.All().Count == 0);

        Assert.Equal(GrpcStatus.ResourceExhausted, (await ReadToEnd(slow)).Status);
    }

    [Fact]
    public Task Connections_that_say_nothing_cost_little_and_streams_that_say_nothing_end() => SayNothing(connections: 1000);

    /// <summary>Both ends are in this process, and a machine lets one have 20,000 descriptors.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public Task Very_many_connections_that_say_nothing_cost_little() => SayNothing(connections: 9000);

    private async Task SayNothing(int connections)
    {
        const int Streams = 100;
        var clock = new LeapingClock();
        var host = await Another(services => services.AddSingleton<TimeProvider>(clock)).Serve();
        await using var calls = new XdsCalls(host.Xds.Address);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        List<Socket> sockets = [];
        for (var number = 0; number < connections; number++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, host.Xds.Address.Port);
            sockets.Add(socket);
        }

        var silent = Enumerable.Range(0, 2 * Streams)
            .Select(number => calls.Open(number % 2 == 0 ? XdsMethods.DeltaAggregatedResources : XdsMethods.StreamLoadStats))
            .Select(stream => XdsCalls.End(() => stream.Read<DeltaDiscoveryResponse>(default)))
            .ToList();

        await AnotherConverges(host);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, GrowthMax * Math.Max(1, connections / 1000));
        Assert.DoesNotContain(silent, end => end.IsCompleted);
        await Eventually.True(() =>
        {
            clock.Leap(FirstRequest.Within);
            return silent.All(end => end.IsCompleted);
        });
        Assert.All(await Task.WhenAll(silent), end => Assert.Equal(GrpcStatus.DeadlineExceeded, end?.Status));
        sockets.ForEach(socket => socket.Dispose());
        await AnotherConverges(host);
    }

    /// <summary>A well-behaved proxy, on a table that is new.</summary>
    private async Task AnotherConverges(MeshHost host)
    {
        var scope = MeshHost.Scope("good");
        await using var proxy = await host.Proxy($"good-{MeshHost.Pool()}").Connect(scope);
        var pool = await Mesh.ReadyPool(scope);
        var table = await host.Publish(scope, 1, new PoolWeight(pool, 100));

        var convergence = await host.Tables.Converged(scope, table.Version, Patience, default);

        Assert.Equal([new PoolWeight(pool, 100)], proxy.Routes(scope));
        Assert.DoesNotContain(convergence.Waiting, state => state.Proxy == proxy.Name);
        Assert.Equal(1, proxy.Endpoints(scope, pool));
        await proxy.Break();
        await Eventually.True(() => host.Proxies.Forget(proxy.Name, default));
    }

    private static async Task<GrpcException> ReadToEnd(GrpcClientStream stream)
    {
        while (true)
        {
            if (await XdsCalls.End(() => stream.Read<DeltaDiscoveryResponse>(default)) is { } end)
            {
                return end;
            }
        }
    }

    private static PoolId Pool { get; } = MeshHost.Pool();

    /// <summary>A change in memory alone, at once.</summary>
    private static void Push(MeshHost host, ScopeRef scope, int endpoints)
    {
        var (now, key) = (host.Hub.Current, MeshNames.Of(scope));
        var pool = new WeightedPool(
            Pool, 100, "", [.. Enumerable.Range(1, endpoints).Select(number => new Endpoint(InstanceId.From(Guid.Empty), "127.9.0.1", number))]);
        var entry = new ScopeEntry(new(scope, [pool], TrafficPolicy.Default), now.Scopes.GetValueOrDefault(key));
        host.Hub.Apply(new MeshStep(now with { Scopes = now.Scopes.SetItem(key, entry) }, [key], []));
    }

    private static byte[] Frame(byte compressed, byte[] message, int? announced = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = compressed;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), announced ?? message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }
}
