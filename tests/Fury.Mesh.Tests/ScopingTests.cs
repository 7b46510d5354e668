using Dapper;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Fury.Xds;
using Fury.Xds.Framing;

namespace Fury.Mesh.Tests;

/// <summary>"All" is what a client's scope depends on, and never more.</summary>
public sealed class ScopingTests : MeshTest
{
    private static readonly ScopeRef Caller = MeshHost.Scope("caller");
    private static readonly ScopeRef Near = MeshHost.Scope("near");
    private static readonly ScopeRef Far = MeshHost.Scope("far");

    [Theory]
    [InlineData("envoy")]
    [InlineData(MeshProtocol.SidecarAgent)]
    public async Task A_client_that_asks_for_all_is_told_of_what_its_scope_depends_on_as_that_changes(string agent)
    {
        var (near, far) = (await Mesh.ReadyPool(Near), await Mesh.ReadyPool(Far));
        await Mesh.Publish(Near, 1, new PoolWeight(near, 100));
        await Mesh.Publish(Far, 1, new PoolWeight(far, 100));
        await Depend(Near);
        await using var client = new AllClient(Mesh.Xds.Address, new Node { Id = "one", Cluster = $"{Caller}", UserAgentName = agent });
        await using var stranger = new AllClient(Mesh.Xds.Address, new Node { Id = "two", Cluster = $"{Far}", UserAgentName = agent });
        await client.Start();
        await stranger.Start();

        await Eventually.True(() => client.Clusters is [var only] && only == MeshNames.Of(Near, near));
        await Depend(Near, Far);
        await Eventually.True(() => client.Clusters.Count == 2);
        await Depend(Far);
        await Eventually.True(() => client.Clusters is [var only] && only == MeshNames.Of(Far, far));

        var next = await Mesh.ReadyPool(Far);
        await Mesh.Publish(Far, 1, new PoolWeight(next, 100));
        await Eventually.True(() => client.Clusters is [var only] && only == MeshNames.Of(Far, next));
        Assert.Empty(stranger.Clusters);
        Assert.True(stranger.IsAnswered);
    }

    /// <summary>As the API writes it: with the revision, as one.</summary>
    private async Task Depend(params ScopeRef[] on)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            """
            update mesh.revision set value = value + 1;
            insert into mesh.dependency (scope, revision, declared)
            select @scope, value, @on from mesh.revision
                on conflict (scope) do update set revision = excluded.revision, declared = excluded.declared
            """,
            new { scope = $"{Caller}", on = on.Select(scope => $"{scope}").ToArray() },
            transaction);
        await transaction.CommitAsync();
    }

    /// <summary>Asks for all clusters and listeners, and takes what comes.</summary>
    private sealed class AllClient(Uri server, Node node) : IAsyncDisposable
    {
        private readonly XdsCalls _calls = new(server);
        private readonly Lock _gate = new();
        private readonly HashSet<string> _clusters = [];
        private readonly HashSet<string> _answered = [];

        public IReadOnlyList<string> Clusters
        {
            get
            {
                lock (_gate)
                {
                    return [.. _clusters];
                }
            }
        }

        public bool IsAnswered
        {
            get
            {
                lock (_gate)
                {
                    return _answered.Count == 2;
                }
            }
        }

        public async Task Start()
        {
            var stream = _calls.Open();
            await stream.Write(new DeltaDiscoveryRequest { Node = node, TypeUrl = TypeUrls.Cluster }, default);
            await stream.Write(new DeltaDiscoveryRequest { TypeUrl = TypeUrls.Listener }, default);
            await stream.Write(
                new DeltaDiscoveryRequest { TypeUrl = TypeUrls.RouteConfiguration, ResourceNamesSubscribe = { MeshNames.Outbound } }, default);
            _ = Follow(stream);
            await Eventually.True(() => IsAnswered);
        }

        public ValueTask DisposeAsync() => _calls.DisposeAsync();

        private async Task Follow(GrpcClientStream stream)
        {
            while (await stream.Read<DeltaDiscoveryResponse>(default) is { } response)
            {
                lock (_gate)
                {
                    if (response.TypeUrl != TypeUrls.RouteConfiguration)
                    {
                        _answered.Add(response.TypeUrl);
                    }

                    if (response.TypeUrl == TypeUrls.Cluster)
                    {
                        _clusters.UnionWith(response.Resources.Select(resource => resource.Name));
                        _clusters.ExceptWith(response.RemovedResources);
                    }
                }

                await stream.Write(new DeltaDiscoveryRequest { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce }, default);
            }
        }
    }
}
