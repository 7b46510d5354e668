using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Mesh.Tests;

/// <summary>They keep all cores busy, so nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}

/// <summary>A scope with two pools of one backend each, and both of gRPC's xDS clients that call it all the time.</summary>
internal sealed class RealClients : IAsyncDisposable
{
    /// <summary>What is waited for goes on for as long as it takes on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<GrpcClient> _clients = [];
    private long _revision;

    private RealClients(MeshHost mesh, GrpcBackend blue, GrpcBackend green) => (Mesh, Blue, Green) = (mesh, blue, green);

    public static ScopeRef Scope { get; } = MeshHost.Scope();

    public MeshHost Mesh { get; }

    public GrpcBackend Blue { get; }

    public GrpcBackend Green { get; }

    public PoolId BluePool { get; } = MeshHost.Pool();

    public PoolId GreenPool { get; } = MeshHost.Pool();

    public IReadOnlyList<GrpcClient> Clients => _clients;

    /// <summary>How long each client took, from the change of the snapshot to its acknowledgement of the routes.</summary>
    public Dictionary<string, List<double>> AckMilliseconds { get; } = [];

    /// <summary>All traffic goes to blue, and each client has had answers.</summary>
    /// <param name="plane">Where the clients connect; null for the mesh that tables are published through.</param>
    public static async Task<RealClients> Start(MeshHost mesh, Uri? plane = null)
    {
        var world = new RealClients(mesh, await GrpcBackend.Start("blue", "127.9.1.1"), await GrpcBackend.Start("green", "127.9.1.2"));
        await world.Tell(world.BluePool, world.Blue);
        await world.Tell(world.GreenPool, world.Green);
        await world.Publish(100);
        var address = plane ?? mesh.Xds.Address;
        world._clients.Add(await GrpcClient.StartNode("grpc-js", address, MeshNames.Of(Scope)));
        world._clients.Add(GrpcClient.StartPython("grpc-core", address, MeshNames.Of(Scope)));
        await world.Answered(10);
        return world;
    }

    /// <summary>Replaces the table, and returns once it is in force at every client.</summary>
    public async Task<RoutingTable> Shift(decimal blue)
    {
        var (before, changed) = (Mesh.Hub.Current.Revision, ChangedAt());
        var table = await Publish(blue);
        await Converged();
        if (table.Version > before)
        {
            Note(await changed);
        }

        return table;
    }

    public Task<RoutingTable> Publish(decimal blue) =>
        Mesh.Publish(Scope, 1, new PoolWeight(BluePool, blue), new PoolWeight(GreenPool, 100 - blue));

    /// <summary>Returns once what was written to the database is in force at every client.</summary>
    public async Task Converged()
    {
        await Mesh.Feed.Refresh(default);
        var converged = await Mesh.Tables.Converged(Scope, Mesh.Feed.Revision, Patience, default);
        Assert.True(converged.Done, $"{string.Join(", ", converged.Waiting)}\n{string.Join("\n", _clients)}");
    }

    /// <summary>Waits until each client has had so many more answers.</summary>
    public Task Answered(long more) => Task.WhenAll(_clients.Select(client => client.Answered(more)));

    /// <summary>Calls carry this, from about now on.</summary>
    public Task Send(string key, string value) =>
        Task.WhenAll(_clients.Select(client => client.Send(new Dictionary<string, string> { [key] = value })));

    public void AssertNothingFailed() => Assert.All(_clients, client => Assert.True(client.Calls.Failed == 0, $"{client}"));

    /// <summary>Ends the clients; every call of theirs has been answered, by a backend that counted it.</summary>
    public async Task Stop()
    {
        foreach (var client in _clients)
        {
            var calls = await client.Stop();
            Assert.True(calls.Failed == 0, $"{client}");
            Assert.Equal(Blue.Calls(client.Name), calls.Answers.GetValueOrDefault("blue"));
            Assert.Equal(Green.Calls(client.Name), calls.Answers.GetValueOrDefault("green"));
        }
    }

    public string Figures() => string.Join(Environment.NewLine, _clients.Select(client =>
    {
        var times = AckMilliseconds.GetValueOrDefault(client.Name, []).Order().ToList();
        var acks = times.Count == 0
            ? ""
            : $", {times.Count} routes acknowledged in {times[times.Count / 2]:f1} / {times[times.Count * 9 / 10]:f1} / {times[^1]:f1} ms (p50 / p90 / max)";
        return $"{client.Name}: {client.Calls.Answered} calls, {client.Calls.Failed} failed{acks}";
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await Blue.DisposeAsync();
        await Green.DisposeAsync();
    }

    public Task Tell(PoolId pool, GrpcBackend backend, long? revision = null)
    {
        var state = MeshHost.PoolState(pool, Scope, ready: 1, revision: revision ?? ++_revision);
        var replica = state.Replicas[0] with { Address = $"{backend.EndPoint.Address}", Port = backend.EndPoint.Port };
        return Mesh.Tell(state with { Replicas = [replica] });
    }

    /// <summary>When the snapshot next changes.</summary>
    private async Task<long> ChangedAt()
    {
        var before = Mesh.Hub.Current.Revision;
        while (true)
        {
            var moved = Mesh.Hub.NextMove();
            if (Mesh.Hub.Current.Revision != before)
            {
                return TimeProvider.System.GetTimestamp();
            }

            await moved;
        }
    }

    private void Note(long changedAt)
    {
        var scope = MeshNames.Of(Scope);
        foreach (var stream in Mesh.Hub.Followers(scope))
        {
            lock (stream.Session.Gate)
            {
                var acked = stream.Session[XdsType.Route].Of(scope).AckedAt;
                var took = TimeProvider.System.GetElapsedTime(changedAt, acked).TotalMilliseconds;
                AckMilliseconds[stream.Proxy.Name] = [.. AckMilliseconds.GetValueOrDefault(stream.Proxy.Name, []), Math.Max(0, took)];
            }
        }
    }
}
