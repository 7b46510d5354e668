using System.Collections.Concurrent;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Moving;
using Fury.Sdk.Objects;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>Whoever moved the data is dead.</summary>
internal sealed class MoverDiedException(string where) : Exception(where);

/// <summary>
/// Several instances of an application that have one store between them, and who moves its data: at every place of every step he dies once, and another
/// goes on from what was saved.
/// </summary>
internal sealed class MoveWorld : IMoveHost, IAsyncDisposable
{
    public const string Service = "carts";

    private readonly IReadOnlyList<IDriverFactory> _factories;
    private readonly Random _random;
    private readonly List<(IServiceChannel Channel, ServiceNeed Need, Binder Binder, FuryRuntime Runtime)> _instances = [];
    private readonly Task[] _bound;
    private readonly ConcurrentDictionary<string, bool> _deaths = new();
    private readonly DriverInterceptor? _mutant;
    private ServiceBinding _current;
    private MoveState _saved;

    private readonly ServiceKind _kind;

    /// <param name="mutant">Stands before every driver.</param>
    /// <param name="faulty">So many of the instances lose answers and connections.</param>
    public MoveWorld(
        IReadOnlyList<IDriverFactory> factories, ServiceRoute first, int instances, int faulty, int seed, DriverInterceptor? mutant = null,
        ServiceKind kind = ServiceKind.KeyValue)
    {
        (_factories, _random, _mutant, _kind) = (factories, new Random(seed), mutant, kind);
        _current = new ServiceBinding(Service, kind, 1, first)
        {
            Policy = new CallPolicy
            {
                FirstRetryDelay = TimeSpan.FromMilliseconds(1),
                MaxAttempts = 5,
                RetryBudgetRatio = 1,
                AttemptTimeout = TimeSpan.FromSeconds(5),
            },
        };
        _saved = DataMove.Begin(_current);
        for (var instance = 0; instance < instances; instance++)
        {
            var faults = instance >= instances - faulty ? new Random(seed + instance) : null;
            var need = new ServiceNeed(kind, Service);
            var runtime = new FuryRuntime(TimeProvider.System);
            runtime.Add(need, null);
            var binder = new Binder(
                factories.Select(factory => Between(factory, (call, next) => Lossy(faults, call, next))), TimeProvider.System, TimeSpan.FromSeconds(30));
            _instances.Add((runtime.Find(kind, Service)!.Channel, need, binder, runtime));
        }

        _bound = [.. _instances.Select(_ => Task.CompletedTask)];
    }

    public IReadOnlyList<KeyValueStore> Stores => [.. _instances.Select(each => each.Runtime.KeyValue(Service))];

    public IReadOnlyList<ObjectBucket> Buckets => [.. _instances.Select(each => each.Runtime.Objects(Service))];

    /// <summary>How often he died.</summary>
    public int Deaths { get; private set; }

    public ServiceBinding Current => _current;

    public async Task Start()
    {
        var first = _current;
        for (var instance = 0; instance < _instances.Count; instance++)
        {
            await Bind(instance, first);
        }
    }

    /// <summary>Moves everything, or goes back from a step.</summary>
    /// <param name="meanwhile">Between any two lives of the mover.</param>
    public async Task<MoveState> Move(ServiceRoute target, Func<Task> meanwhile, MoveStep? abandonAt = null)
    {
        var order = new MoveOrder(_current, target, [], await Attested(target));
        _saved = DataMove.Begin(_current);
        while (_saved.Step is not (MoveStep.Moved or MoveStep.Returned))
        {
            await meanwhile();
            var source = await Driver(order.Binding.Route, "source");
            var there = await Driver(target, "target");
            try
            {
                var move = DataMove.Of(order, source, there, this, new CopierOptions(PageSize: 25, AtOnce: 4), TimeProvider.System);
                await (_saved.Step == abandonAt
                    ? DataMove.Abandon(_saved, this, CancellationToken.None)
                    : move.Advance(_saved, CancellationToken.None));
            }
            catch (Exception death) when (IsDeath(death))
            {
                // Another begins, with what was saved.
            }
            finally
            {
                await source.DisposeAsync();
                await there.DisposeAsync();
            }
        }

        Deaths += _deaths.Count;
        _deaths.Clear();
        return _saved;
    }

    /// <summary>What a store has, without anything in between.</summary>
    public async Task<List<MovingRecord>> Records(ServiceRoute route)
    {
        await using var driver = (IKeyValueDriver)await Open(_factories.Single(each => each.Provider == route.Driver), route);
        List<MovingRecord> records = [];
        string? from = null;
        do
        {
            var page = await driver.KeysAsync(from, 100, CancellationToken.None);
            foreach (var key in page.Keys.Distinct())
            {
                // Whoever uses it may have deleted it by now.
                if (await driver.GetAsync(key, ReadConsistency.Strong, CancellationToken.None) is { } item)
                {
                    records.Add(MovingRecord.Of(item));
                }
            }

            from = page.Next;
        }
        while (from is not null);
        return records;
    }

    /// <summary>What a bucket has, without anything in between.</summary>
    public async Task<List<ObjectRecord>> Objects(ServiceRoute route)
    {
        await using var driver = (IObjectDriver)await Open(_factories.Single(each => each.Provider == route.Driver), route);
        List<ObjectRecord> records = [];
        foreach (var item in await driver.ListAsync("", null, null, 10_000, CancellationToken.None))
        {
            records.Add(await ObjectPair.Look(driver, item.Key, CancellationToken.None));
        }

        return [.. records.Where(record => record.Stored is not null)];
    }

    public ValueTask PublishAsync(ServiceBinding binding, CancellationToken cancellation)
    {
        MayDie($"publish {binding.Epoch} before");
        lock (_instances)
        {
            if (binding.Epoch > _current.Epoch)
            {
                _current = binding;
                for (var index = 0; index < _instances.Count; index++)
                {
                    var (instance, last, late) = (index, _bound[index], _random.Next(30));
                    _bound[index] = Task.Run(async () =>
                    {
                        await last;
                        // Some hear of it later than others.
                        await Task.Delay(TimeSpan.FromMilliseconds(late), TimeProvider.System, CancellationToken.None);
                        await Bind(instance, binding);
                    }, CancellationToken.None);
                }
            }
        }

        MayDie($"publish {binding.Epoch} after");
        return ValueTask.CompletedTask;
    }

    public async ValueTask WaitUntilInForceAsync(long epoch, CancellationToken cancellation)
    {
        MayDie($"wait {epoch}");
        await Task.WhenAll(_bound);
    }

    public ValueTask SaveAsync(MoveState state, CancellationToken cancellation)
    {
        MayDie($"save {state.Step} {state.Cursor is null} before");
        _saved = state;
        MayDie($"save {state.Step} {state.Cursor is null} after");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, _, runtime) in _instances)
        {
            await runtime.DisposeAsync();
        }
    }

    private async Task Bind(int instance, ServiceBinding binding)
    {
        var (channel, need, binder, _) = _instances[instance];
        // Until the last call by the binding before has ended.
        await await binder.Bind(channel, need, binding, CancellationToken.None);
    }

    private async Task<CapabilitySet> Attested(ServiceRoute route)
    {
        await using var driver = await Open(_factories.Single(each => each.Provider == route.Driver), route);
        await driver.ProbeAsync(CancellationToken.None);
        return new CapabilitySet(driver.Declared.Levels, attestedAt: DateTimeOffset.UnixEpoch);
    }

    private async Task<IDriver> Driver(ServiceRoute route, string side)
    {
        var factory = Between(_factories.Single(each => each.Provider == route.Driver), async (call, next) =>
        {
            MayDie($"{_saved.Step} {side} {call.Operation} before");
            var answer = await next();
            MayDie($"{_saved.Step} {side} {call.Operation} after");
            return answer;
        });
        return MovingDrivers.AfterMove(route, await Open(factory, route));
    }

    private static async Task<IDriver> Open(IDriverFactory factory, ServiceRoute route) =>
        await factory.OpenAsync(new DriverContext(Service, MovingDrivers.OfDriver(route), TimeProvider.System), CancellationToken.None);

    private DriverFactory Between(IDriverFactory factory, DriverInterceptor interceptor) => new(
        factory.Kind,
        factory.Provider,
        async (context, cancellation) =>
        {
            var driver = await factory.OpenAsync(context, cancellation);
            return InterceptedDriver.Wrap(
                _mutant is null ? driver : InterceptedDriver.Wrap(driver, context.Service, _mutant), context.Service, interceptor);
        });

    private void MayDie(string where)
    {
        if (_deaths.TryAdd(where, true))
        {
            throw new MoverDiedException(where);
        }
    }

    private static bool IsDeath(Exception? error) => error is MoverDiedException
        || (error is AggregateException many ? many.InnerExceptions.Any(IsDeath) : error is not null && IsDeath(error.InnerException));

    private static async ValueTask<object?> Lossy(Random? random, DriverCall call, Func<ValueTask<object?>> next)
    {
        if (random is null || call.Operation is nameof(IDriver.ProbeAsync))
        {
            return await next();
        }

        int chance;
        lock (random)
        {
            chance = random.Next(60);
        }

        if (chance is 0 or 1)
        {
            throw new FuryException(FuryErrorCode.Unavailable, "The connection broke.") { IsTransient = true, OutcomeUnknown = chance == 1 };
        }

        var answer = await next();
        return chance == 2
            ? throw new FuryException(FuryErrorCode.Unavailable, "The answer was lost.") { IsTransient = true, OutcomeUnknown = true }
            : answer;
    }
}
