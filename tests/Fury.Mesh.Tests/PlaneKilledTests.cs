using Envoy.Service.Discovery.V3;
using Fury.Testing;
using Fury.Xds;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>The control plane is the real host in a process of its own; this process publishes, and has the backends.</summary>
[Collection(Alone.Name)]
public sealed class PlaneKilledTests(ITestOutputHelper output) : MeshTest
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task No_call_fails_while_the_plane_is_dead_and_clients_follow_it_again_when_it_is_back()
    {
        await using var plane = await FuryProcess.Start(ConnectionString);
        await using var world = await RealClients.Start(Mesh, plane.Xds);
        await world.Shift(50);
        var versions = await Versions(world, plane.Xds);

        await plane.Kill();
        var outage = Task.Delay(Outage);
        await world.Answered(200);
        await outage;
        await world.Answered(200);
        world.AssertNothingFailed();
        await plane.StartHost();

        Assert.Equal(versions, await Versions(world, plane.Xds));
        var table = await world.Shift(0);
        await world.Answered(200);
        var drained = await Mesh.Tables.Drained(RealClients.Scope, world.BluePool, table.Version, RealClients.Patience, default);
        Assert.True(drained.Done, string.Join(", ", drained.Waiting));
        await world.Stop();
        output.WriteLine(world.Figures());
    }

    /// <summary>What a client of gRPC is told of each type.</summary>
    private static async Task<IReadOnlyList<string>> Versions(RealClients world, Uri plane)
    {
        var scope = MeshNames.Of(RealClients.Scope);
        string[] clusters = [MeshNames.Of(RealClients.Scope, world.BluePool), MeshNames.Of(RealClients.Scope, world.GreenPool)];
        List<string> versions = [];
        foreach (var (type, names) in new[]
        {
            (TypeUrls.Listener, [scope]), (TypeUrls.RouteConfiguration, [scope]), (TypeUrls.Cluster, clusters), (TypeUrls.ClusterLoadAssignment, clusters),
        })
        {
            var question = new DiscoveryRequest { Node = new() { Id = "reader", UserAgentName = "gRPC" }, TypeUrl = type, ResourceNames = { names } };
            var answer = DiscoveryResponse.Parser.ParseFrom(await XdsQuestion.Ask(plane, XdsMethods.StreamAggregatedResources, question));
            Assert.Equal(names.Length, answer.Resources.Count);
            versions.Add($"{type} {answer.VersionInfo}");
        }

        // It asked for routes, so it would be waited for.
        await Eventually.True(() => world.Mesh.Proxies.Forget("reader", default));

        return versions;
    }
}
