using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Mesh.Tests;

/// <summary>Who is served, from when on, and for how long.</summary>
public sealed class AdmissionTests : MeshTest
{
    private const int PerSecond = 5;

    private static readonly ScopeRef Scope = MeshHost.Scope();

    [Fact]
    public async Task More_streams_than_are_taken_in_a_second_are_refused_with_a_sentence_and_come_in_later()
    {
        var host = await Another(services => services.PostConfigure<XdsOptions>(options => options.StreamsPerSecond = PerSecond)).Serve();
        await using var calls = new XdsCalls(host.Xds.Address);

        var ends = await Task.WhenAll(Enumerable.Range(0, 4 * PerSecond).Select(number => calls.Ask(Hello($"proxy-{number}"))));

        var refused = ends.OfType<GrpcException>().ToList();
        Assert.InRange(ends.Length - refused.Count, PerSecond, 4 * PerSecond - 1);
        Assert.All(refused, end => Assert.Equal(GrpcStatus.Unavailable, end.Status));
        Assert.All(refused, end => Assert.EndsWith("come again.", end.Message, StringComparison.Ordinal));
        await Eventually.True(async () => await calls.Ask(Hello("late")) is null);
    }

    [Fact]
    public async Task More_streams_than_there_is_room_for_are_sent_to_another_host_until_one_leaves()
    {
        var host = await Another(services => services.PostConfigure<XdsOptions>(options => options.StreamsMax = 1)).Serve();
        await using var calls = new XdsCalls(host.Xds.Address);
        var first = await host.Proxy("first").Connect(Scope);

        var refused = await calls.Ask(Hello("second"));
        await first.DisposeAsync();

        Assert.Equal(GrpcStatus.Unavailable, refused?.Status);
        Assert.Contains("go to another host", refused!.Message, StringComparison.Ordinal);
        await Eventually.True(async () => await calls.Ask(Hello("second")) is null);
    }

    [Fact]
    public async Task A_stream_of_age_ends_and_its_proxy_comes_back_without_being_sent_what_it_has()
    {
        var clock = new LeapingClock();
        var host = Another(services => services.AddSingleton<TimeProvider>(clock));
        var pool = await Mesh.ReadyPool(Scope);
        var table = await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        await host.Serve();
        await using var proxy = await host.Proxy("one").Connect(Scope);
        await Eventually.True(() => proxy.Endpoints(Scope, pool) == 1);
        var key = MeshNames.Of(Scope);
        await Eventually.True(() => host.Hub.All().Single().StandingOf(key, host.Hub.Current.Scopes[key])?.Stage == Stage.Applied);

        clock.Leap(new XdsOptions().StreamAgeMax * 1.1);

        await Eventually.True(() => !proxy.IsConnected);
        var end = await Assert.ThrowsAsync<GrpcException>(() => proxy.Ended);
        Assert.Equal(GrpcStatus.Unavailable, end.Status);
        await proxy.Break();
        var before = proxy.Responses;

        // The answer to the last question of its handshake is all that comes.
        await proxy.Connect(Scope);
        Assert.True((await host.Tables.Converged(Scope, table.Version, TimeSpan.FromSeconds(20), default)).Done);
        Assert.Equal(1, proxy.Responses - before);
    }

    [Fact]
    public async Task Nothing_is_answered_before_the_state_is_loaded()
    {
        var pool = await Mesh.ReadyPool(Scope);
        await Mesh.Publish(Scope, 1, new PoolWeight(pool, 100));
        var host = Another();
        await host.Xds.StartAsync(default);
        await using var calls = new XdsCalls(host.Xds.Address);

        var early = await calls.Ask(Hello("one"));
        await host.Feed.Refresh(default);

        Assert.Equal(GrpcStatus.Unavailable, early?.Status);
        Assert.Contains("not loaded", early!.Message, StringComparison.Ordinal);
        Assert.Null(await calls.Ask(Hello("one")));
    }

    private static DeltaDiscoveryRequest Hello(string proxy) => new()
    {
        Node = new() { Id = proxy, UserAgentName = MeshProtocol.SidecarAgent },
        TypeUrl = TypeUrls.RouteConfiguration,
        ResourceNamesSubscribe = { MeshNames.Of(Scope) },
    };
}
