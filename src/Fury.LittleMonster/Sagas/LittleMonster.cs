using Fury.Hosting;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The public face.</summary>
internal sealed class LittleMonster(SagaFinder finder, SagaRequests requests, MonsterHost host, TimeProvider time) : ILittleMonster
{
    /// <summary>How often a saga that another host runs is looked at by those who wait for it: soon at first, then at this pace.</summary>
    private static readonly TimeSpan LookPeriodMax = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LookPeriodMin = TimeSpan.FromMilliseconds(2);

    public Task<Outcome<SagaId>> Start<TSaga, TInput>(string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull => Start(typeof(TSaga), key, input, null, cancellation);

    public Task<Outcome<SagaId>> Start<TSaga, TInput>(ITransaction transaction, string key, TInput input, CancellationToken cancellation)
        where TSaga : Saga<TInput>
        where TInput : notnull => Start(typeof(TSaga), key, input, transaction, cancellation);

    public Task<Outcome<SagaView>> Find(SagaId id, CancellationToken cancellation) => finder.Find(id, cancellation);

    public async Task<Outcome<SagaView>> WaitFor(SagaId id, CancellationToken cancellation)
    {
        for (var look = LookPeriodMin; ; look = look * 2 < LookPeriodMax ? look * 2 : LookPeriodMax)
        {
            if (host.Engine is { } engine && await engine.WaitFor(id, cancellation) is { } live)
            {
                return finder.View(live, live.IsFinal ? host.Clock.Now : null);
            }

            var found = await finder.Find(id, cancellation);
            if (!found.IsOk || found.Value.IsFinal || found.Value.State is SagaState.Stuck)
            {
                return found;
            }

            if (host.Engine is not { } again || await again.Find(id) is null)
            {
                await Task.Delay(look, time, cancellation);
            }
        }
    }

    public Task<Outcome> Cancel(SagaId id, string reason, CancellationToken cancellation) =>
        requests.Cancel(id, new DeskOrder("", reason), null, cancellation);

    public Task<Outcome> Cancel(ITransaction transaction, SagaId id, string reason, CancellationToken cancellation) =>
        requests.Cancel(id, new DeskOrder("", reason), transaction, cancellation);

    public Task<Outcome> Signal<T>(SagaId id, string signal, T value, CancellationToken cancellation)
        where T : notnull => requests.Signal(id, signal, value, null, cancellation);

    public Task<Outcome> Signal<T>(ITransaction transaction, SagaId id, string signal, T value, CancellationToken cancellation)
        where T : notnull => requests.Signal(id, signal, value, transaction, cancellation);

    public void Nudge(SagaId id)
    {
        if (host.Engine is { } engine)
        {
            engine.Nudge(id, () => host.NudgeElsewhere(id));
        }
        else
        {
            host.NudgeElsewhere(id);
        }
    }

    private async Task<Outcome<SagaId>> Start<TInput>(
        Type saga, string key, TInput input, ITransaction? transaction, CancellationToken cancellation)
    {
        var definition = host.Starter.Definition(saga);
        var json = Starter.Json(definition, input);
        return json.IsOk ? await host.Starter.Start(definition, key, json.Value, null, transaction, cancellation) : json.Fault;
    }
}
