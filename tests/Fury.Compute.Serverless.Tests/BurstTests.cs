using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Compute.Serverless.Tests;

/// <summary>A thousand placements at once, on a real database, into clusters with room for eight hundred.</summary>
public sealed class BurstTests(TestDatabase<ServerlessModule> database)
    : IClassFixture<TestDatabase<ServerlessModule>>, IAsyncLifetime, IDisposable
{
    private const int Placements = 1000;
    private const int Room = 800;

    private static long _fence;

    private static readonly Cluster[] Clusters =
        [.. Enumerable.Range(0, 8).Select(number => Given.Cluster($"c{number}", region: $"region-{number % 4}", zones: ["a", "b"]))];

    private readonly CancellationTokenSource _stop = new();

    private ReservationStore Store => new(database.Database);

    [Fact]
    public async Task Scenario_18_exactly_what_fits_is_placed_and_the_rest_waits_with_a_reason()
    {
        var applier = await Start(Store);
        PlacementRequest[] requests = [.. Enumerable.Range(1, Placements).Select(Request)];

        var decisions = await Place(applier, requests);

        AssertAll(decisions.Select(decision => decision.Value));
        await AssertStored();
        var pending = decisions.First(decision => decision.Value.Pending > 0).Value;
        var stored = await Store.FindDecision(pending.Pool, default);
        Assert.Equal((PendingReason.NoCluster, pending.Explain()), (stored!.Reason, stored.Explain()));
        Assert.Equal(new FilterCount(FilterReason.Room, 8), Assert.Single(stored.Filtered));
    }

    [Fact]
    public async Task And_the_same_when_all_want_the_same_clusters_at_once()
    {
        PlacementRequest[] requests = [.. Enumerable.Range(1, Placements).Select(number => Request(number) with { Seed = 1 })];

        var decisions = await Place(await Start(Store), requests);

        AssertAll(decisions.Select(decision => decision.Value));
        await AssertStored();
    }

    [Fact]
    public async Task And_the_same_when_the_applier_dies_in_the_middle()
    {
        PlacementRequest[] requests = [.. Enumerable.Range(1, Placements).Select(Request)];
        using var dies = new CancellationTokenSource();
        var first = await Start(new Mortal(Store, writes: 3, dies));

        var lost = await Place(first, requests);
        Assert.Contains(lost, decision => !decision.IsOk);
        var promised = (await Store.List(default)).Sum(promise => promise.Replicas);
        Assert.InRange(promised, 1, Room - 1);

        // The asker knows nothing of what came of it and asks all of it again, of another host.
        var decisions = await Place(await Start(Store), requests);

        AssertAll(decisions.Select(decision => decision.Value));
        await AssertStored();
    }

    [Fact]
    public async Task One_who_was_followed_promises_nothing_more()
    {
        var first = await Start(Store);
        var second = await Start(Store);

        var late = await new Placer(first, TimeProvider.System).Place(Request(1), default);

        Assert.Equal(FaultKind.Stale, late.Fault?.Kind);
        Assert.True((await new Placer(second, TimeProvider.System).Place(Request(1), default)).IsOk);
        Assert.Equal(FaultKind.Unavailable, (await first.Retire(Given.Pool(1), default)).Fault?.Kind);
    }

    public async Task InitializeAsync()
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "truncate serverless.reservation, serverless.decision";
        await command.ExecuteNonQueryAsync();
    }

    public Task DisposeAsync() => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    private static PlacementRequest Request(int number) => Given.Request(1) with { Pool = Given.Pool(number), Seed = (uint)number };

    private static async Task<Outcome<Decision>[]> Place(Applier applier, PlacementRequest[] requests)
    {
        var placer = new Placer(applier, TimeProvider.System);
        return await Task.WhenAll(requests.Select(request => Task.Run(() => placer.Place(request, default))));
    }

    private static void AssertAll(IEnumerable<Decision> decisions)
    {
        var all = decisions.ToList();
        Assert.Equal(Placements - Room, all.Sum(decision => decision.Pending));
        Assert.All(
            all,
            decision => Assert.True(decision.Pending == 0 || decision.Reason is PendingReason.NoCluster or PendingReason.NoRoom, decision.Explain()));
    }

    private async Task AssertStored()
    {
        var promises = await Store.List(default);
        Assert.Equal(Room, promises.Sum(promise => promise.Replicas));
        foreach (var cluster in Clusters)
        {
            Assert.Equal(50, promises.Where(promise => promise.Cluster == cluster.Name).Sum(promise => promise.Zones.GetValueOrDefault("a")));
            Assert.Equal(50, promises.Where(promise => promise.Cluster == cluster.Name).Sum(promise => promise.Zones.GetValueOrDefault("b")));
        }
    }

    private async Task<Applier> Start(IReservationStore store)
    {
        var applier = new Applier(store, TimeProvider.System, NullLogger<Applier>.Instance);
        _ = applier.Run(Interlocked.Increment(ref _fence), store is Mortal mortal ? mortal.Dies.Token : _stop.Token);
        foreach (var cluster in Clusters)
        {
            Assert.True((await applier.Put(cluster, default)).IsOk);
            Assert.True((await applier.Judge(cluster.Name, HealthPhase.Healthy, default)).IsOk);
            Assert.True((await applier.See(Given.Seen(cluster, TimeProvider.System.GetUtcNow(), 50, 50), default)).IsOk);
        }

        return applier;
    }

    /// <summary>The process ends after so many writes: what was written is written, and nobody hears of the last.</summary>
    private sealed class Mortal(ReservationStore inner, int writes, CancellationTokenSource dies) : IReservationStore
    {
        private int _left = writes;

        public CancellationTokenSource Dies => dies;

        public Task<Outcome<Reservation[]>> TakeOver(long fence, CancellationToken cancellation) => inner.TakeOver(fence, cancellation);

        public async Task<Outcome> Write(long fence, ReservationChanges changes, CancellationToken cancellation)
        {
            var written = await inner.Write(fence, changes, cancellation);
            if (--_left == 0)
            {
                await dies.CancelAsync();
                cancellation.ThrowIfCancellationRequested();
            }

            return written;
        }

        public Task<IReadOnlyList<Reservation>> List(CancellationToken cancellation) => inner.List(cancellation);

        public Task<Decision?> FindDecision(PoolId pool, CancellationToken cancellation) => inner.FindDecision(pool, cancellation);
    }
}
