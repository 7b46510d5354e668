using Fury.Mesh.Contracts;
using Fury.Xds;
using Fury.Xds.Framing;
using Envoy.Service.Discovery.V3;
using Envoy.Config.Core.V3;

namespace Fury.Mesh.Tests;

public sealed class SmokeXds : MeshTest
{
    [Fact]
    public async Task Smoke()
    {
        var scope = MeshHost.Scope();
        var pool = await Mesh.ReadyPool(scope);
        await Mesh.Publish(scope, 1, new PoolWeight(pool, 100));
        await Mesh.Feed.Refresh(default);
        var server = Mesh.Xds;
        using var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
        await using var stream = GrpcClientStream.Open(http, server.Address, XdsMethods.DeltaAggregatedResources, GrpcLimits.Default, TimeProvider.System);
        await stream.Write(new DeltaDiscoveryRequest { Node = new Node { Id = "me", UserAgentName = "fury-sidecar" }, TypeUrl = TypeUrls.Listener, ResourceNamesSubscribe = { "production-web.shop" } }, default);
        var response = await stream.Read<DeltaDiscoveryResponse>(default);
        Console.WriteLine(response);
        Assert.Equal("production-web.shop", response!.Resources.Single().Name);
    }
}
