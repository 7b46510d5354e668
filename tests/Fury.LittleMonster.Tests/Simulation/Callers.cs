using Fury.Kernel;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// Whoever starts sagas, signals and cancels them, and waits for them: through any host, again and again until there is an answer. What was
/// acknowledged is held against the database in the end.
/// </summary>
internal sealed class Callers(Simulator simulator, Fleet fleet, SimulatedPostgres database, int sagas, double cancels)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private readonly List<Request> _requests = [];
    private readonly List<(SimulatedHost Host, SagaId Saga, Task Task)> _waits = [];

    private delegate Task<Outcome<SagaId>> Starting(ILittleMonster client, string key, Plan plan, SimulatedTransaction? transaction);

    private static readonly Starting[] Kinds =
    [
        Of<PlainSaga>(), Of<PlainSaga>(), Of<WaitingSaga>(), Of<SignalSaga>(), Of<ParentSaga>(), Of<FanSaga>(), Of<PivotSaga>(), Of<OnceSaga>(),
        Changing,
    ];

    public bool AreDone => _requests.TrueForAll(request => request.IsDone);

    public string Waiting => $"Nobody has answered the start of '{_requests.Find(request => !request.IsDone)?.Key}'";

    public void Begin(TimeSpan time)
    {
        for (var number = 0; number < sagas; number++)
        {
            var key = simulator.Happens(0.4) ? $"shared-{simulator.Chance.Next(8)}" : "";
            var request = new Request($"start-{number}", new Plan(number, key, simulator.Chance.Next(7)), simulator.Pick(Kinds));
            _requests.Add(request);
            var at = simulator.Between(TimeSpan.Zero, time);
            simulator.After(at, () => Start(request, simulator.Happens(0.2)));
            if (simulator.Happens(0.1))
            {
                simulator.After(at + simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), () => Start(request, false));
            }
        }
    }

    /// <summary>At the end: what was answered is true, and whoever waits for what has ended was told.</summary>
    public void Judge()
    {
        foreach (var request in _requests)
        {
            if (request.Saga is { } saga && database.Find(saga.Value) is null)
            {
                simulator.Violated($"The start of saga {saga} ('{request.Key}') was acknowledged, and there is no such saga");
            }
        }

        foreach (var (host, saga, task) in _waits)
        {
            if (host.IsAlive && !host.IsStopping && !task.IsCompleted)
            {
                simulator.Violated($"Somebody waits on {host.Node} for saga {saga}, which has ended");
            }
        }
    }

    private static Starting Of<TSaga>()
        where TSaga : Saga<Plan> => (client, key, plan, transaction) => transaction is null
            ? client.Start<TSaga, Plan>(key, plan, CancellationToken.None)
            : client.Start<TSaga, Plan>(transaction, key, plan, CancellationToken.None);

    /// <summary>A host of the first build does not know the second version, nor the other way round.</summary>
    private static async Task<Outcome<SagaId>> Changing(ILittleMonster client, string key, Plan plan, SimulatedTransaction? transaction)
    {
        try
        {
            return await Of<ChangingSaga>()(client, key, plan, transaction);
        }
        catch (InvalidOperationException exception) when (exception.Message.Contains("not registered", StringComparison.Ordinal))
        {
            return await Of<ChangedSaga>()(client, key, plan, transaction);
        }
    }

    private void Start(Request request, bool inTransaction)
    {
        if (request.IsDone)
        {
            return;
        }

        if (fleet.Any() is { } host)
        {
            _ = host.Process.Start(() => Start(request, host, inTransaction));
        }

        simulator.After(Patience, () => Start(request, false));
    }

    private async Task Start(Request request, SimulatedHost host, bool inTransaction)
    {
        try
        {
            var transaction = inTransaction ? new SimulatedTransaction(host.Wire) : null;
            var started = await request.Kind(host.Client, request.Key, request.Plan, transaction);
            var goesOn = transaction is null || !simulator.Happens(0.2);
            if (transaction is not null && !await transaction.Commit(() => goesOn, Patience, CancellationToken.None))
            {
                return;
            }

            if (!started.IsOk)
            {
                simulator.Violated($"The start of '{request.Key}' was refused: {started.Fault}");
                return;
            }

            Answered(request, started.Value);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            // It asks again when its patience is over.
        }
        catch (Exception exception)
        {
            simulator.Violated($"The start of '{request.Key}' ended with {exception}");
        }
    }

    private void Answered(Request request, SagaId saga)
    {
        if (request.Saga is { } before)
        {
            if (before != saga)
            {
                simulator.Violated($"Two starts of '{request.Key}' gave two sagas, {before} and {saga}");
            }

            return;
        }

        request.Saga = saga;
        var signals = request.Kind.Method == Of<SignalSaga>().Method ? simulator.Chance.Next(4) : 0;
        for (var signal = 0; signal < signals; signal++)
        {
            simulator.After(simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(55)), () => Signal(saga, simulator.Happens(0.3)));
        }

        if (simulator.Happens(cancels))
        {
            // Some at once, into the very first calls.
            var regret = TimeSpan.FromSeconds(simulator.Pick([0.3, 2, 30]));
            simulator.After(simulator.Between(TimeSpan.Zero, regret), () => Cancel(saga, simulator.Happens(0.3)));
        }

        if (simulator.Happens(0.3))
        {
            simulator.After(simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(10)), () => Wait(saga));
        }

        if (simulator.Happens(0.2))
        {
            simulator.After(simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(10)), () => Ask(host =>
            {
                host.Client.Nudge(saga);
                return Task.CompletedTask;
            }));
        }
    }

    private void Signal(SagaId saga, bool inTransaction) => Ask(async host =>
    {
        var transaction = inTransaction ? new SimulatedTransaction(host.Wire) : null;
        var sent = transaction is null
            ? await host.Client.Signal(saga, "approval", "yes", CancellationToken.None)
            : await host.Client.Signal(transaction, saga, "approval", "yes", CancellationToken.None);
        await Settle(sent, transaction, saga);
    });

    private void Cancel(SagaId saga, bool inTransaction) => Ask(async host =>
    {
        var transaction = inTransaction ? new SimulatedTransaction(host.Wire) : null;
        var sent = transaction is null
            ? await host.Client.Cancel(saga, "somebody changed their mind", CancellationToken.None)
            : await host.Client.Cancel(transaction, saga, "somebody changed their mind", CancellationToken.None);
        await Settle(sent, transaction, saga);
    });

    private async Task Settle(Outcome sent, SimulatedTransaction? transaction, SagaId saga)
    {
        if (transaction is not null)
        {
            await transaction.Commit(() => true, Patience, CancellationToken.None);
        }

        if (!sent.IsOk && sent.Fault.Kind is not FaultKind.Conflict)
        {
            simulator.Violated($"A request to saga {saga}, whose start was acknowledged, was refused: {sent.Fault}");
        }
    }

    private void Wait(SagaId saga) => Ask(host =>
    {
        var waiting = WaitFor(host, saga);
        _waits.Add((host, saga, waiting));
        return waiting;
    });

    private async Task WaitFor(SimulatedHost host, SagaId saga)
    {
        var ended = await host.Client.WaitFor(saga, CancellationToken.None);
        if (!ended.IsOk)
        {
            simulator.Violated($"Somebody waited for saga {saga}, whose start was acknowledged, and was told: {ended.Fault}");
        }
        else if (!ended.Value.IsFinal && ended.Value.State is not (SagaState.Stuck or SagaState.Parked))
        {
            simulator.Violated($"Somebody waited for saga {saga} and was told that it is {ended.Value.State}");
        }
    }

    private void Ask(Func<SimulatedHost, Task> question)
    {
        if (fleet.Any() is { } host)
        {
            _ = host.Process.Start(async () =>
            {
                try
                {
                    await question(host);
                }
                catch (Exception exception) when (Database.MayPass(exception))
                {
                    // Nobody promised anything.
                }
                catch (Exception exception)
                {
                    simulator.Violated($"A request ended with {exception}");
                }
            });
        }
    }

    private sealed class Request(string key, Plan plan, Starting kind)
    {
        public string Key => key;

        public Plan Plan => plan;

        public Starting Kind => kind;

        public SagaId? Saga { get; set; }

        public bool IsDone => Saga is not null;
    }
}
