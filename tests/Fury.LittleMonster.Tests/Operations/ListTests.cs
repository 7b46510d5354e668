using Fury.Kernel;
using Fury.Testing;

namespace Fury.LittleMonster.Tests.Operations;

public sealed class ListTests(MonsterDatabase database) : IClassFixture<MonsterDatabase>
{
    private readonly World _world = new();

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Pages_have_no_gaps_and_no_doubles_while_sagas_end_between_them()
    {
        await using var host = await database.NewHost(_world);
        await host.Joined();
        var apps = Enumerable.Range(0, 60).Select(n => $"paging-{n}").ToList();
        apps.ForEach(app => _world.Ready[app] = false);
        var started = new List<SagaId>();
        foreach (var app in apps)
        {
            started.Add(await Start(host, app));
        }

        var (query, seen) = (new SagaQuery(Key: "paging-", Limit: 7), new List<SagaSummary>());
        for (Page<SagaSummary>? page = null; page is not { Next: null }; query = query with { After = page.Next })
        {
            page = (await host.Desk.List(query, Soon)).Value;
            seen.AddRange(page.Items);
            foreach (var app in apps.Where((_, n) => n % 3 == seen.Count % 3))
            {
                _world.Ready[app] = true;
            }

            await Eventually.True(async () => (await Everything(host, new SagaQuery([SagaState.Completed], "paging-"))).Count > seen.Count / 4);
        }

        Assert.Equal(started.AsEnumerable().Reverse(), seen.Select(one => one.Id));
        Assert.Contains(seen, one => one.State is SagaState.Completed);
        Assert.Contains(seen, one => one.State is SagaState.Waiting);
    }

    [Fact]
    public async Task A_key_is_asked_for_by_its_beginning_letter_by_letter()
    {
        await using var host = await database.NewHost(_world);
        var ids = new Dictionary<string, SagaId>();
        foreach (var key in new[] { "100%_sure", "100%-sure", "100x_sure", @"100\sure" })
        {
            ids[key] = (await host.Run($"letters-{key}", key)).Id;
        }

        Assert.Equal([ids["100%_sure"]], await Ids(host, new SagaQuery(Key: "100%_")));
        Assert.Equal([ids["100%-sure"], ids["100%_sure"]], await Ids(host, new SagaQuery(Key: "100%")));
        Assert.Equal([ids[@"100\sure"]], await Ids(host, new SagaQuery(Key: @"100\")));
    }

    [Fact]
    public async Task Sagas_are_found_by_name_and_age()
    {
        await using var host = await database.NewHost(_world);
        var old = await Three(host, "aged-1");
        var between = TimeProvider.System.GetUtcNow().AddMilliseconds(1);
        await Eventually.True(() => TimeProvider.System.GetUtcNow() > between.AddMilliseconds(1));
        var young = await Three(host, "aged-2");
        await host.Run("another-kind");

        var query = new SagaQuery(Name: "test.three-steps");
        Assert.Equal([young, old], await Ids(host, query));
        Assert.Equal([old], await Ids(host, query with { StartedBefore = between }));
        Assert.Equal([young], await Ids(host, query with { StartedAfter = between }));
        Assert.Empty(await Ids(host, query with { StartedAfter = DateTimeOffset.MaxValue }));
        Assert.Empty(await Ids(host, query with { StartedBefore = DateTimeOffset.MinValue }));
        Assert.Empty(await Ids(host, query with { Name = "test.none" }));
    }

    [Fact]
    public async Task A_saga_that_pauses_is_shown_so_by_the_host_that_knows_it()
    {
        _world.Refuse("do:publish", FaultKind.Unavailable);
        await using var host = await database.NewHost(_world);
        var id = await Start(host, "pausing");

        // Between two pauses it runs, for a moment.
        IReadOnlyList<SagaSummary> retrying = [];
        await Eventually.True(async () => (retrying = await Everything(host, new SagaQuery([SagaState.Retrying], "pausing"))).Count > 0);
        Assert.Equal((id, "publish", "do:publish was refused."), (retrying[0].Id, retrying[0].Step, retrying[0].Error));
        Assert.Empty(await Ids(host, new SagaQuery([SagaState.Stuck, SagaState.Completed], "pausing")));
    }

    [Fact]
    public async Task Dead_letters_are_those_that_are_stuck_and_those_that_nobody_here_knows()
    {
        _world.Refuse("do:pay", FaultKind.Unavailable);
        _world.Ready["unknown"] = false;
        var host = await database.NewHost(_world, "dead-letters");
        var stuck = (await host.Sagas.Start<PaySaga, Order>("dead", new Order("dead"), Soon)).Value;
        var unknown = await Start(host, "unknown");
        await host.In(stuck, SagaState.Stuck);
        await host.In(unknown, SagaState.Waiting);
        var found = Assert.Single(await Everything(host, new SagaQuery([SagaState.Stuck, SagaState.Parked])));
        Assert.Equal((stuck, "test.pay", "pay"), (found.Id, found.Name, found.Step));
        Assert.StartsWith("Nobody knows whether step 'pay' was done.", found.Error);
        await host.DisposeAsync();

        await using var ignorant = await database.NewHost(_world, "dead-letters", knowsSagas: false);
        await ignorant.Joined();
        var parked = await Everything(ignorant, new SagaQuery([SagaState.Stuck, SagaState.Parked]));
        Assert.Equal([unknown, stuck], parked.Select(one => one.Id));
        Assert.All(parked, one => Assert.Equal(SagaState.Parked, one.State));
        Assert.Equal(("test.launch", "ready"), (parked[0].Name, parked[0].Step));
        Assert.Equal(FaultKind.Conflict, (await ignorant.Desk.Retry(unknown, new DeskOrder("ann", "go on"), Soon)).Fault!.Kind);
    }

    [Fact]
    public async Task What_was_undone_is_listed_with_the_reason()
    {
        _world.Refuse("do:attach", FaultKind.Conflict);
        await using var host = await database.NewHost(_world);
        var saga = await host.Run("undone");

        var found = Assert.Single(await Everything(host, new SagaQuery([SagaState.Compensated], "undone")));
        Assert.Equal((saga.Id, SagaState.Compensated, "do:attach was refused."), (found.Id, found.State, found.Error));
        Assert.True(found.EndedAt >= found.StartedAt);
    }

    [Fact]
    public async Task A_query_that_cannot_be_right_is_refused_field_by_field()
    {
        var bad = new SagaQuery(Key: "nul\0", Name: new string('x', 81), After: "-1", Limit: 501);
        var refused = await database.Get<ISagaDesk>().List(bad, Soon);
        Assert.Equal(["after", "limit", "key", "name"], refused.Fault!.Fields.Select(field => field.Field));
    }

    private static async Task<SagaId> Start(MonsterUnderTest host, string app) =>
        (await host.Sagas.Start<LaunchSaga, Order>($"list-{app}", new Order(app), Soon)).Value;

    private static async Task<SagaId> Three(MonsterUnderTest host, string key)
    {
        var id = (await host.Sagas.Start<ThreeStepSaga, Order>(key, new Order(key), Soon)).Value;
        await host.Sagas.WaitFor(id, Soon);
        return id;
    }

    private static async Task<IEnumerable<SagaId>> Ids(MonsterUnderTest host, SagaQuery query) =>
        (await Everything(host, query)).Select(one => one.Id);

    private static async Task<IReadOnlyList<SagaSummary>> Everything(MonsterUnderTest host, SagaQuery query)
    {
        var page = (await host.Desk.List(query with { Limit = PageQuery.LimitMax }, Soon)).Value;
        Assert.Null(page.Next);
        return page.Items;
    }
}
