using System.Collections.Concurrent;
using System.Diagnostics;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.LittleMonster.Tests.Operations;

public sealed class TraceTests : IClassFixture<MonsterDatabase>, IDisposable
{
    private readonly MonsterDatabase _database;
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == Telemetry.Name,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public TraceTests(MonsterDatabase database)
    {
        _database = database;
        _listener.ActivityStopped = _ended.Enqueue;
        ActivitySource.AddActivityListener(_listener);
    }

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_saga_that_two_hosts_ran_is_one_trace()
    {
        var world = new World();
        world.Ready["traced"] = false;
        var first = await _database.NewHost(world, "traced");
        await first.Joined();
        using var request = new Activity("request").Start();
        var id = (await first.Sagas.Start<LaunchSaga, Order>("traced", new Order("traced"), Soon)).Value;
        request.Stop();
        await Eventually.True(() => world.CallsOf("poll:ready") >= 1);
        await first.Kill();
        world.Ready["traced"] = true;
        await using var second = await _database.NewHost(world, "traced");
        await second.In(id, SagaState.Completed);

        var calls = await Calls(id, count: 5);
        Assert.Contains("step create", calls.Select(call => call.OperationName));
        Assert.Contains("step publish", calls.Select(call => call.OperationName));
        Assert.All(calls, call => Assert.Equal(request.TraceId, call.TraceId));
        var start = Assert.Single(_ended, one => one.OperationName == "saga test.launch" && one.TraceId == request.TraceId);
        Assert.All(calls, call => Assert.Equal(start.SpanId, call.ParentSpanId));
        Assert.Equal(("test.launch", "done"), (calls[0].GetTagItem("lm.name"), calls[0].GetTagItem("lm.answer")));
    }

    [Fact]
    public async Task Children_are_in_the_trace_of_their_parent()
    {
        await using var host = await _database.NewHost(
            services => services.AddSingleton(new FleetWorld()).AddSaga<FleetSaga>().AddSaga<PartSaga>());
        var id = (await host.Sagas.Start<FleetSaga, Fleet>("traced-fleet", new Fleet("traced-fleet", 2), Soon)).Value;
        await host.In(id, SagaState.Completed);

        var trace = (await Calls(id, count: 5))[0].TraceId;
        var parts = (await host.Desk.List(new SagaQuery(Name: "test.part", Key: "traced-fleet/"), Soon)).Value.Items;
        Assert.Equal(3, parts.Count);
        foreach (var part in parts)
        {
            Assert.Equal(id, part.Parent);
            Assert.All(await Calls(part.Id, count: 2), call => Assert.Equal(trace, call.TraceId));
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task<IReadOnlyList<Activity>> Calls(SagaId id, int count)
    {
        var calls = new List<Activity>();
        await Eventually.True(() => (calls = [.. _ended.Where(one => id.ToString().Equals(one.GetTagItem("lm.saga")))]).Count >= count);
        return calls;
    }
}
