using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Fleet;

/// <summary>Watchers of a deployment that another host drives: nothing on this one tells of what it writes.</summary>
public sealed class EventFeedTests(TestDatabase<DeploymentsModule> database) : IClassFixture<TestDatabase<DeploymentsModule>>
{
    private const int Watchers = 200;

    private const string MakeSql = """
        insert into deployments.deployment (id, application, scope, shard, strategy, phase, release, revision, state, created_at)
        values (@id, 'shop', 'test-web', 0, 'blue-green', 'judging', 'r', 0, @state::jsonb, now())
        """;

    private const string EventSql = """
        insert into deployments.event (deployment, number, at, phase, message, data) values (@id, @number, now(), @phase, 'It moves.', '{}');
        update deployments.deployment set revision = @number, state = jsonb_set(state, '{revision}', to_jsonb(@number)) where id = @id;
        """;

    [Fact]
    public async Task What_another_host_writes_reaches_every_watcher_once_and_in_order_by_one_look_for_all()
    {
        var record = AMoment.In(DeploymentPhase.Judging) with { Revision = 0 };
        var signals = new Signals();
        var watched = new Watched(database.Database, signals);
        var feed = new EventFeed(new DeploymentStore(database.Database, null!, null!), signals, watched);
        await Execute(MakeSql, new { id = record.Id.Value, state = JsonSerializer.Serialize(record, FuryJson.Options) });
        await Write(1, "judging");
        using var stop = new CancellationTokenSource();
        var seen = Enumerable.Range(0, Watchers).Select(_ => new ConcurrentQueue<long>()).ToList();
        var all = seen.Select(events => Watch(events, stop.Token)).ToList();
        await Eventually.True(() => seen.All(events => events.Count == 1));

        for (var number = 2; number <= 6; number++)
        {
            await Write(number, number == 6 ? "done" : "judging");
            await watched.Pass(0, default);
            await Eventually.True(() => seen.All(events => events.Count == number), because: $"event {number} at every watcher");
        }

        await Task.WhenAll(all); // The last event ends the deployment, and so the streams.
        Assert.All(seen, events => Assert.Equal([1, 2, 3, 4, 5, 6], events));

        async Task Watch(ConcurrentQueue<long> events, CancellationToken cancellation)
        {
            await foreach (var one in feed.Events(record.Id, 0, cancellation))
            {
                events.Enqueue(one.Number);
            }
        }

        Task Write(long number, string phase) => Execute(EventSql, new { id = record.Id.Value, number, phase });
    }

    [Fact]
    public async Task A_watcher_that_goes_away_does_not_take_the_look_of_the_others_with_it()
    {
        var record = AMoment.In(DeploymentPhase.Judging) with { Revision = 0 };
        var signals = new Signals();
        var watched = new Watched(database.Database, signals);
        var feed = new EventFeed(new DeploymentStore(database.Database, null!, null!), signals, watched);
        await Execute(MakeSql, new { id = record.Id.Value, state = JsonSerializer.Serialize(record, FuryJson.Options) });
        using var gone = new CancellationTokenSource();
        await using var first = feed.Events(record.Id, 0, gone.Token).GetAsyncEnumerator(gone.Token);
        await using var second = feed.Events(record.Id, 0, default).GetAsyncEnumerator(default);
        var (leaves, stays) = (first.MoveNextAsync().AsTask(), second.MoveNextAsync().AsTask());

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        await Execute(EventSql, new { id = record.Id.Value, number = 1L, phase = "judging" });
        await Eventually.True(async () =>
        {
            await watched.Pass(0, default);
            return stays.IsCompleted;
        });

        Assert.True(await stays);
        Assert.Equal(1, second.Current.Number);
    }

    private async Task Execute(string sql, object parameters)
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }
}
