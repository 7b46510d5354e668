using Fury.Testing;

namespace Fury.LittleMonster.Tests;

/// <summary>Several hosts over one database, and what happens when one of them ends badly.</summary>
public sealed class TakeoverTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_host_that_dies_at_any_durable_write_is_continued_by_its_successor()
    {
        foreach (var at in new[] { CrashPoint.BeforeCommit, CrashPoint.AfterCommit })
        {
            // Five writes: the start, and one for each step.
            for (var write = 1; write <= 5; write++)
            {
                var (world, key, left) = (new World(), $"dies-{at}-{write}", write);
                var dying = await database.NewHost(world, key, before: monster => monster.Crash = point =>
                {
                    if (point == at && --left == 0)
                    {
                        monster.Kill();
                    }
                });
                await dying.Joined();
                var start = dying.Sagas.Start<LaunchSaga, Order>(key, new Order(key), Soon);
                await Eventually.True(() => left <= 0);
                await start;
                await dying.Kill();

                await using var next = await database.NewHost(world, key);
                var saga = await next.Run(key);
                Assert.Equal(SagaState.Completed, saga.State);
                Assert.Equal(3, world.Things.Count);
                var sql = $"select count(*) from lm.journal where saga = {saga.Id}";
                Assert.Equal((5, 5), (await database.Count(sql), await database.Count(sql.Replace("*", "distinct seq"))));
            }
        }
    }

    [Fact]
    public async Task A_host_that_dies_is_replaced_when_its_lease_ends()
    {
        _world.Ready["orphan"] = false;
        var dying = await database.NewHost(_world, "first", TimeSpan.FromSeconds(1));
        await dying.Joined();
        var id = (await dying.Sagas.Start<LaunchSaga, Order>("orphan", new Order("orphan"), Soon)).Value;
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 1);
        await dying.Kill();
        _world.Ready["orphan"] = true;

        await using var other = await database.NewHost(_world, "second", TimeSpan.FromSeconds(1));
        Assert.Equal(SagaState.Completed, (await other.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Equal(1, _world.CallsOf("do:create"));
    }

    [Fact]
    public async Task A_host_that_stops_hands_its_sagas_over_without_waiting_for_the_lease()
    {
        _world.Ready["handed"] = false;
        var first = await database.NewHost(_world, "leaving", TimeSpan.FromMinutes(5));
        await first.Joined();
        var id = (await first.Sagas.Start<LaunchSaga, Order>("handed", new Order("handed"), Soon)).Value;
        await using var second = await database.NewHost(_world, "staying", TimeSpan.FromMinutes(5));
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 1);
        await first.DisposeAsync();
        _world.Ready["handed"] = true;

        Assert.Equal(SagaState.Completed, (await second.Sagas.WaitFor(id, Soon)).Value.State);
        await Eventually.True(async () => await second.Monster.Engine!.OwnedCount() == 256);
    }

    [Fact]
    public async Task A_host_that_was_declared_dead_writes_nothing_more()
    {
        var (attaching, mayAttach, gates) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        _world.Before("do:attach", async () =>
        {
            if (Interlocked.Increment(ref gates) == 1)
            {
                attaching.SetResult();
                await mayAttach.Task;
            }

            return null;
        });
        await using var zombie = await database.NewHost(_world, "zombie", TimeSpan.FromMinutes(5));
        await zombie.Joined();
        var id = (await zombie.Sagas.Start<LaunchSaga, Order>("zombie", new Order("zombie"), Soon)).Value;
        await attaching.Task;
        var epoch = await database.Count("select max(epoch) from lm.host where name = 'zombie'");
        var fromZombie = $"select count(*) from lm.journal where epoch = {epoch}";
        await database.Count("with dead as (update lm.host set dead = true where name = 'zombie' returning 1) select count(*) from dead");
        var written = await database.Count(fromZombie);

        await using var heir = await database.NewHost(_world, "heir");
        Assert.Equal(SagaState.Completed, (await heir.Sagas.WaitFor(id, Soon)).Value.State);
        mayAttach.SetResult();

        // It learns of its death at its next write or renewal, and joins anew under a higher epoch.
        await zombie.Run("after-death");
        Assert.Equal(written, await database.Count(fromZombie));
        Assert.Equal(1, await database.Count($"select count(*) from lm.journal where saga = {id} and step = 2 and kind = 2"));
        Assert.Equal(2, await database.Count($"select count(distinct epoch) from lm.journal where saga = {id}"));
    }

    [Fact]
    public async Task A_saga_that_no_host_knows_is_parked_and_goes_on_when_one_does()
    {
        _world.Ready["parked"] = false;
        var old = await database.NewHost(_world, "same");
        await old.Joined();
        var id = (await old.Sagas.Start<LaunchSaga, Order>("parked", new Order("parked"), Soon)).Value;
        await Eventually.True(() => _world.CallsOf("poll:ready") >= 1);
        await old.DisposeAsync();
        var fits = "select fits::int from lm.register('test.launch', 1::smallint, '{\"steps\": []}')";
        Assert.Equal(0, await database.Count(fits));

        var ignorant = await database.NewHost(_world, "same", knowsSagas: false);
        await ignorant.Joined();
        Assert.Equal(SagaState.Parked, (await ignorant.Sagas.Find(id, Soon)).Value.State);
        await ignorant.DisposeAsync();

        _world.Ready["parked"] = true;
        await using var wise = await database.NewHost(_world, "same");
        Assert.Equal(SagaState.Completed, (await wise.Sagas.WaitFor(id, Soon)).Value.State);
    }

    [Fact]
    public async Task A_lease_that_is_not_sure_ends_the_calls_under_way_and_they_are_made_again_when_it_is()
    {
        var told = 0;
        await using var host = await database.NewHost(_world, "unsure", TimeSpan.FromSeconds(1));
        await host.Joined();
        _world.BeforeWith("do:attach", async cancellation =>
        {
            if (Interlocked.Increment(ref told) == 1)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
        });
        var id = (await host.Sagas.Start<LaunchSaga, Order>("unsure", new Order("unsure"), Soon)).Value;
        await Eventually.True(() => told == 1);

        // Renewals wait for this lock for longer than the lease is relied on; nobody else is there to declare the host dead.
        await using (var connection = await database.Database.Source.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var command = new Npgsql.NpgsqlCommand("lock table lm.host in exclusive mode", connection);
            await command.ExecuteNonQueryAsync();
            await Eventually.True(() => _world.CallsOf("cancelled") == 1);
        }

        Assert.Equal(SagaState.Completed, (await host.Sagas.WaitFor(id, Soon)).Value.State);
        Assert.Equal(2, told);
    }

    [Fact]
    public async Task Two_hosts_share_the_shards_and_either_starts_sagas_of_both()
    {
        await using var one = await database.NewHost(_world, "half-a", TimeSpan.FromSeconds(2));
        await one.Joined();
        await using var two = await database.NewHost(_world, "half-b", TimeSpan.FromSeconds(2));
        await Eventually.True(async () =>
            await one.Monster.Engine!.OwnedCount() == 128 && two.Monster.Engine is { } engine && await engine.OwnedCount() == 128);
        var sagas = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => (n % 2 == 0 ? one : two).Run($"shared-{n}")));

        Assert.All(sagas, saga => Assert.Equal(SagaState.Completed, saga.State));
        Assert.Equal(40, _world.CallsOf("do:create"));
    }
}
