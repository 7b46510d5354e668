using System.Collections.Concurrent;
using Fury.Sdk.Bindings;
using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;
using Fury.Sdk.Drivers.Postgres;
using Fury.Sdk.Hosting;
using Fury.Sdk.Local;
using Fury.Sdk.Moving;
using Fury.Sdk.Redis;
using Fury.Sdk.Tests.Postgres;
using Fury.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>Sequences and locks move while several instances use them, which hear of each step at different times.</summary>
public sealed class CoordinationMoveTests(RedisServer redis, PostgresUnderTest postgres) : IClassFixture<RedisServer>, IClassFixture<PostgresUnderTest>
{
    private const int Instances = 3;

    private readonly string _resource = Guid.NewGuid().ToString("n");
    private readonly IReadOnlyList<IDriverFactory> _factories =
    [
        .. new LocalProvider(TimeProvider.System).Factories, .. RedisProvider.Factories, .. new PostgresProvider(_ => postgres.ConnectionString).Factories,
    ];

    private ServiceRoute InMemory => new(LocalProvider.Name, "local", null, "local", _resource);

    private ServiceRoute InRedis => new(RedisProvider.Name, "direct", redis.Endpoint, "local", _resource);

    private ServiceRoute InPostgres => new(PostgresProvider.Name, "direct", null, "local", _resource);

    [Fact]
    public async Task No_number_is_given_twice_while_sequences_move_from_memory_to_Redis_to_PostgreSQL()
    {
        var given = new ConcurrentQueue<(string Sequence, long Number, int Caller)>();
        await using var app = new App(ServiceKind.Sequences, _factories, InMemory);
        await app.Start();
        for (var untouched = 0; untouched < 150; untouched++)
        {
            await app.Services[0].Sequences("s").ReserveAsync($"u{untouched}", 10 + untouched);
        }

        await app.While(async (fury, caller, call) =>
        {
            var sequence = $"n{call % 3}";
            given.Enqueue((sequence, await fury.Sequences("s").NextAsync(sequence), caller));
        }, async () =>
        {
            await app.Move(InRedis, HandOverAll);
            await app.Move(InPostgres, HandOverAll);
        });

        Assert.All(given.GroupBy(each => each.Sequence), sequence => Assert.Equal(sequence.Count(), sequence.Select(each => each.Number).Distinct().Count()));
        // To each caller they grow.
        Assert.All(
            given.GroupBy(each => (each.Sequence, each.Caller)),
            caller => Assert.Equal(caller.Select(each => each.Number).Order(), caller.Select(each => each.Number)));
        for (var untouched = 0; untouched < 150; untouched++)
        {
            Assert.Equal(11 + untouched, await app.Services[1].Sequences("s").NextAsync($"u{untouched}"));
        }

        Assert.True(given.Count > 500, $"{given.Count} numbers.");
    }

    [Fact]
    public async Task One_holds_a_lock_at_a_time_and_tokens_grow_while_locks_move_from_memory_to_Redis_to_PostgreSQL()
    {
        var holders = new int[2];
        var tokens = new ConcurrentQueue<long>[] { new(), new() };
        await using var app = new App(ServiceKind.Locks, _factories, InMemory);
        await app.Start();
        var untouched = 0L;
        for (var time = 0; time < 20; time++)
        {
            await using var lease = await app.Services[0].Locks("s").TryAcquireAsync("untouched");
            untouched = lease!.FencingToken;
        }

        var options = new LockOptions { AutoRenew = false, Lease = TimeSpan.FromSeconds(30), Wait = TimeSpan.FromSeconds(20) };

        await app.While(async (fury, caller, call) =>
        {
            var number = (caller + call) % 2;
            await using var lease = await fury.Locks("s").AcquireAsync($"l{number}", options);
            Assert.Equal(1, Interlocked.Increment(ref holders[number]));
            tokens[number].Enqueue(lease.FencingToken);
            if (call % 5 == 0)
            {
                await lease.RenewAsync(TimeSpan.FromSeconds(30));
            }

            Assert.Equal(0, Interlocked.Decrement(ref holders[number]));
        }, async () =>
        {
            await app.Move(InRedis, RaiseAll);
            await app.Move(InPostgres, RaiseAll);
        });

        Assert.All(tokens, each =>
        {
            Assert.Equal(each.Order(), each);
            Assert.Equal(each.Count, each.Distinct().Count());
            Assert.True(each.Count > 200, $"{each.Count} holders.");
        });
        Assert.Equal("postgres", app.Services[0].Locks("s").Binding.Provider);
        await using var last = await app.Services[1].Locks("s").TryAcquireAsync("untouched");
        Assert.True(last!.FencingToken > untouched, $"{untouched}, {last.FencingToken}");
    }

    [Theory]
    [InlineData(MovePhase.Preparing, MovePhase.Moving)]
    [InlineData(MovePhase.Moving, MovePhase.Preparing)]
    [InlineData(MovePhase.Moving, MovePhase.Settling)]
    [InlineData(MovePhase.Settling, MovePhase.Moving)]
    [InlineData(MovePhase.Preparing, MovePhase.Settling)]
    [InlineData(MovePhase.Settling, MovePhase.Holding)]
    public async Task Who_holds_a_lock_by_one_phase_holds_it_against_who_works_by_another(MovePhase first, MovePhase second)
    {
        var (source, target) = (new LocalLocks(TimeProvider.System), new LocalLocks(TimeProvider.System));
        var (one, other) = (new MovingLocks(first, source, target), new MovingLocks(second, source, target));
        var lease = TimeSpan.FromMinutes(1);

        var held = (await one.TryAcquireAsync("l", "one", lease, default))!.Value;
        await MovingLocks.RaiseAll(source, target, default);
        Assert.Null(await other.TryAcquireAsync("l", "other", lease, default));
        // The holder goes on by the other phase, and has it still.
        Assert.NotNull(await other.RenewAsync("l", "one", lease, default));
        Assert.Null(await other.TryAcquireAsync("l", "other", lease, default));
        Assert.NotNull(await other.PeekAsync("l", default));
        await other.ReleaseAsync("l", "one", default);
        var next = (await other.TryAcquireAsync("l", "other", lease, default))!.Value;

        Assert.True(next.Counter > held.Counter, $"{held.Counter}, {next.Counter}");
        Assert.Null(await one.RenewAsync("l", "one", lease, default));
        await other.ReleaseAsync("l", "other", default);
        if ((first, second) != (MovePhase.Preparing, MovePhase.Settling))
        {
            // Neighbours may come in either order.
            Assert.True((await one.TryAcquireAsync("l", "one", lease, default))!.Value.Counter > next.Counter);
        }
    }

    [Fact]
    public async Task Whoever_closes_a_sequence_may_die_before_the_target_knows()
    {
        var (source, target) = (await Open<ISequenceDriver>(InMemory), await Open<ISequenceDriver>(InRedis));
        await source.ReserveAsync("n", 41, default);
        await source.ReserveAsync("n", 1L << 48, default);
        await source.ReserveAsync("n", 1L << 48, default);

        // Who has not heard of it reserves in the source, and sees that it is closed.
        var late = await new MovingSequences(MovePhase.Preparing, source, target).ReserveAsync("n", 5, default);
        var next = await new MovingSequences(MovePhase.Moving, source, target).ReserveAsync("n", 1, default);

        Assert.True(late > 41 && next >= late + 5, $"{late}, {next}");
        Assert.True(next < 100, $"{next}");
        Assert.True(await new MovingSequences(MovePhase.Settling, source, target).ReserveAsync("n", 1, default) > next);
    }

    private async Task<T> Open<T>(ServiceRoute route) => (T)await _factories
        .Single(each => each.Kind == (typeof(T) == typeof(ILockDriver) ? ServiceKind.Locks : ServiceKind.Sequences) && each.Provider == route.Driver)
        .OpenAsync(new DriverContext("s", route, TimeProvider.System), default);

    private async Task HandOverAll(ServiceRoute source, ServiceRoute target)
    {
        var moving = new MovingSequences(MovePhase.Moving, await Open<ISequenceDriver>(source), await Open<ISequenceDriver>(target));
        await moving.HandOverAll(default);
    }

    private async Task RaiseAll(ServiceRoute source, ServiceRoute target) =>
        await MovingLocks.RaiseAll(await Open<ILockDriver>(source), await Open<ILockDriver>(target), default);

    /// <summary>Instances of an application with one service.</summary>
    private sealed class App(ServiceKind kind, IReadOnlyList<IDriverFactory> factories, ServiceRoute first) : IAsyncDisposable
    {
        private readonly List<(FuryRuntime Runtime, ServiceNeed Need, Binder Binder)> _instances = [.. Enumerable.Range(0, Instances).Select(_ =>
        {
            var need = new ServiceNeed(kind, "s");
            var runtime = new FuryRuntime(TimeProvider.System);
            runtime.Add(need, null);
            return (runtime, need, new Binder(factories, TimeProvider.System, TimeSpan.FromSeconds(30)));
        })];

        private ServiceBinding _current = new("s", kind, 1, first);
        private long _calls;

        public IReadOnlyList<IFury> Services => [.. _instances.Select(each => each.Runtime)];

        public Task Start() => Bind(_current);

        /// <summary>Two callers of each instance do it over and over until the rest is done.</summary>
        public async Task While(Func<IFury, int, int, Task> act, Func<Task> rest)
        {
            using var stop = new CancellationTokenSource();
            var callers = Enumerable.Range(0, Instances * 2).Select(caller => Task.Run(async () =>
            {
                for (var call = 0; !stop.IsCancellationRequested; call++)
                {
                    await act(Services[caller % Instances], caller, call);
                    Interlocked.Increment(ref _calls);
                    await Task.Yield();
                }
            })).ToList();
            var all = Task.WhenAll(callers);
            var others = Task.Run(rest);
            await Task.WhenAny(all, others);
            await stop.CancelAsync();
            await all;
            await others;
        }

        public async Task Move(ServiceRoute target, Func<ServiceRoute, ServiceRoute, Task> pass)
        {
            var before = _current;
            foreach (var step in new[] { MoveStep.Prepare, MoveStep.Copy, MoveStep.Settle, MoveStep.Switch })
            {
                var state = new MoveState("s", step, _current.Epoch + 1);
                await Bind(_current = MovePlan.Binding(state, before, target));
                if (step == MoveStep.Copy)
                {
                    await pass(before.Route, target);
                }

                await GoOn(60);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (runtime, _, _) in _instances)
            {
                await runtime.DisposeAsync();
            }
        }

        private Task GoOn(int calls)
        {
            var goal = Interlocked.Read(ref _calls) + calls;
            return Eventually.True(() => Interlocked.Read(ref _calls) >= goal);
        }

        private async Task Bind(ServiceBinding binding)
        {
            foreach (var (runtime, need, binder) in _instances)
            {
                await await binder.Bind(runtime.Find(kind, "s")!.Channel, need, binding, default);
                if (binding.Epoch > 1)
                {
                    await GoOn(15);
                }
            }
        }
    }
}
