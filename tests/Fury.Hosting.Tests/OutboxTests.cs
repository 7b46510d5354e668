using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;

namespace Fury.Hosting.Tests;

public sealed record Counted(string Key, int Number) : IEvent;

/// <summary>Keeps what it hears; does what the test says first.</summary>
internal sealed class Ear : IEventListener<Counted>
{
    public ConcurrentQueue<(Counted News, long At)> Heard { get; } = new();

    public Func<Counted, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public async Task Handle(Counted news, CancellationToken cancellation)
    {
        await Before(news, cancellation);
        Heard.Enqueue((news, Stopwatch.GetTimestamp()));
    }

    public int[] Of(string key) => [.. Heard.Where(heard => heard.News.Key == key).Select(heard => heard.News.Number)];
}

public sealed class OutboxTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly EarDatabase _database = new();

    private Ear Ear => _database.Ear;

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task An_event_of_a_transaction_that_is_refused_is_never_heard()
    {
        await _database.StartHosted();
        var ran = false;
        var refused = await _database.Database.Transaction<int>(
            async transaction =>
            {
                await transaction.Tell(new Counted("a", 1), CancellationToken.None);
                transaction.AfterCommit(() => ran = true);
                return Fault.Conflict("No.");
            },
            CancellationToken.None);
        await Tell(new Counted("a", 2));

        await Eventually.True(() => !Ear.Heard.IsEmpty);
        Assert.False(refused.IsOk);
        Assert.False(ran);
        Assert.Equal([2], Ear.Of("a"));
    }

    [Fact]
    public async Task Events_of_a_key_are_heard_in_the_order_of_their_commits_and_the_table_ends_empty()
    {
        await _database.StartHosted();
        var committed = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var gates = Enumerable.Range(0, 5).Select(_ => new SemaphoreSlim(1)).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            // The gate makes the order of commits known to the test; keys go side by side.
            var key = $"key-{number % gates.Length}";
            await gates[number % gates.Length].WaitAsync(CancellationToken.None);
            await Tell(new Counted(key, number));
            committed.GetOrAdd(key, _ => new()).Enqueue(number);
            gates[number % gates.Length].Release();
        });

        await Eventually.True(() => Ear.Heard.Count == 500);
        Assert.All(committed, key => Assert.Equal(key.Value, Ear.Of(key.Key)));
        await Eventually.True(async () => await Rows() == 0);
    }

    [Fact]
    public async Task Transactions_that_race_for_a_key_draw_their_ids_in_the_order_of_their_commits()
    {
        // Without the lock the second could get the higher id and commit first, and be heard first.
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await using var inner = await connection.BeginTransactionAsync();
        var first = new Transaction(connection, inner);
        await first.Tell(new Counted("a", 1), CancellationToken.None);
        await OutboxWriter.Write(first, CancellationToken.None);

        var second = Tell(new Counted("a", 2));
        await Tell(new Counted("b", 3));
        await Eventually.True(async () => await Waiting() == 1, because: "the second transaction waits for the first one's commit");
        await inner.CommitAsync();
        await second;

        var ids = await connection.QueryAsync<string>("select body->>'number' from hosting.outbox where key = 'a' order by id");
        Assert.Equal(["1", "2"], ids);
    }

    [Fact]
    public async Task A_listener_that_fails_hears_the_event_again_and_holds_up_only_its_key()
    {
        var failures = 3;
        Ear.Before = (news, _) => news.Key == "bad" && Interlocked.Decrement(ref failures) >= 0
            ? throw new InvalidOperationException("Not now.")
            : Task.CompletedTask;
        await _database.StartHosted();
        await Tell(new Counted("bad", 1), new Counted("bad", 2), new Counted("good", 1));

        await Eventually.True(() => Ear.Heard.Count == 3);
        Assert.Equal("good", Ear.Heard.First().News.Key);
        Assert.Equal([1, 2], Ear.Of("bad"));
    }

    [Fact]
    public async Task An_event_that_always_fails_is_parked_with_its_error_and_those_behind_it_go_on()
    {
        Ear.Before = (news, _) => news.Number == 1 ? throw new InvalidOperationException("Never.") : Task.CompletedTask;
        await Tell(new Counted("a", 1), new Counted("a", 2));
        await Execute($"update hosting.outbox set attempts = {OutboxSession.AttemptsMax - 1} where key = 'a'");
        await _database.StartHosted();

        await Eventually.True(async () => await Rows() == 1);
        Assert.Equal([2], Ear.Of("a"));
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        var parked = await connection.QuerySingleAsync<string>("select error from hosting.outbox where parked_at is not null");
        Assert.Contains("Never.", parked, StringComparison.Ordinal);
        Assert.Equal(1, await _database.Get<OutboxStore>().CountParked(CancellationToken.None));
    }

    [Fact]
    public async Task A_host_that_dies_between_the_hearing_and_the_delete_leaves_the_event_to_the_next()
    {
        var blocked = new TaskCompletionSource();
        Ear.Before = (_, cancellation) => blocked.TrySetResult() ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask;
        await Tell(new Counted("a", 1));
        var dispatcher = _database.Services.GetServices<IHostedService>().OfType<OutboxDispatcher>().Single();
        await dispatcher.StartAsync(CancellationToken.None);
        await blocked.Task;
        await dispatcher.StopAsync(CancellationToken.None);
        Assert.Equal(1, await Rows());

        await using var second = _database.BuildServices();
        var next = second.GetServices<IHostedService>().OfType<OutboxDispatcher>().Single();
        await next.StartAsync(CancellationToken.None);
        await Eventually.True(() => Ear.Of("a") is [1]);
        await Eventually.True(async () => await Rows() == 0);
        await next.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_event_told_on_another_host_is_heard_long_before_the_poll()
    {
        await _database.StartHosted();
        await Eventually.True(async () => await Held());
        await using var second = _database.BuildServices();
        var wire = second.GetServices<IHostedService>().OfType<WakeWire>().Single();
        await wire.StartAsync(CancellationToken.None);
        var times = new List<double>();
        for (var number = 0; number < 20; number++)
        {
            times.Add(await Timed(second.GetRequiredService<IDatabase>(), number));
        }

        output.WriteLine($"across hosts, ms: {string.Join(' ', times.Order().Select(time => $"{time:0.0}"))}");
        Assert.True(times.Order().ElementAt(10) < 200);
        await wire.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task An_event_is_heard_within_milliseconds_of_its_commit()
    {
        await _database.StartHosted();
        await Eventually.True(async () => await Held());
        var times = new List<double>();
        for (var number = 0; number < 100; number++)
        {
            times.Add(await Timed(_database.Database, number));
        }

        output.WriteLine($"one host, ms: {string.Join(' ', times.Order().Select(time => $"{time:0.0}"))}");
        Assert.True(times.Order().ElementAt(50) < 50);
    }

    private async Task<double> Timed(IDatabase database, int number)
    {
        var begun = Stopwatch.GetTimestamp();
        await database.Transaction<int>(
            async transaction =>
            {
                await transaction.Tell(new Counted("timed", number), CancellationToken.None);
                transaction.AfterCommit(() => begun = Stopwatch.GetTimestamp());
                return 0;
            },
            CancellationToken.None);
        await Eventually.True(() => Ear.Heard.Any(heard => heard.News.Number == number));
        return Stopwatch.GetElapsedTime(begun, Ear.Heard.Single(heard => heard.News.Number == number).At).TotalMilliseconds;
    }

    private Task<Outcome<int>> Tell(params Counted[] news) => _database.Database.Transaction<int>(
        async transaction =>
        {
            foreach (var one in news)
            {
                await transaction.Tell(one, CancellationToken.None);
            }

            return 0;
        },
        CancellationToken.None);

    private async Task<bool> Held()
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>("select exists (select from hosting.lease where name = 'hosting.outbox')");
    }

    private async Task<long> Waiting()
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>("""
            select count(*)
              from pg_locks
             where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())
            """);
    }

    private async Task<long> Rows()
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from hosting.outbox");
    }

    private async Task Execute(string sql)
    {
        await using var connection = await _database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    private sealed class EarDatabase : TestDatabase
    {
        public Ear Ear { get; } = new();

        protected override void Configure(IServiceCollection services) => services.AddSingleton<IEventListener<Counted>>(Ear);
    }
}
