using System.Collections.Concurrent;
using System.Diagnostics;
using Fury.Kernel;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>
/// Callers who ask for sagas, evenly over a time. Each asks any host, or the inbox through a node that runs none, and asks again until
/// somebody has answered; some ask two at once, as a proxy that repeats a request does.
/// </summary>
internal sealed class ChaosStarts(int seed, ILittleMonster outside, IReadOnlyList<ChaosHost> hosts)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ThenWithin = TimeSpan.FromMilliseconds(600);

    private readonly ConcurrentDictionary<string, ConcurrentBag<Outcome<SagaId>>> _answers = new();
    private readonly ConcurrentBag<string> _surprises = [];
    private int _asked;

    /// <summary>All answers to an order, also those that came when nobody waited for them any longer.</summary>
    public IReadOnlyDictionary<string, ConcurrentBag<Outcome<SagaId>>> Answers => _answers;

    /// <summary>What no caller should have been told.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    public int Asked => _asked;

    /// <summary>Ends when each order was answered, and what its caller then asked as well; one in ten stays until its saga has ended.</summary>
    public async Task All(IReadOnlyList<ChaosOrder> orders, TimeSpan over, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        var callers = new List<Task>();
        for (var n = 0; n < orders.Count; n++)
        {
            if ((over * ((double)n / orders.Count)) - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } early)
            {
                await Task.Delay(early, cancellation);
            }

            callers.Add(One(orders[n], cancellation));
        }

        await Task.WhenAll(callers);
    }

    private async Task One(ChaosOrder order, CancellationToken cancellation)
    {
        var answers = _answers[order.Id] = [];
        var chance = Chance.Of(seed, $"start {order.Id}");
        while (answers.IsEmpty)
        {
            Task[] asks = [.. Enumerable.Range(0, chance.Next(8) == 0 ? 2 : 1).Select(_ => Ask(order, chance.Next(hosts.Count + 1), answers, cancellation))];
            await Task.WhenAny(Task.WhenAll(asks), Task.Delay(AnswerWithin, cancellation));
            if (answers.IsEmpty)
            {
                await Task.Delay(AgainAfter, cancellation);
            }
        }

        if (answers.First() is not { IsOk: true } saga)
        {
            return;
        }

        if (ChaosKinds.Get(order.Kind).Then is { } then)
        {
            await Task.Delay(ThenWithin * chance.NextDouble(), cancellation);
            await Insist(order, () => then(outside, saga.Value, cancellation), cancellation);
        }

        if (chance.Next(10) == 0)
        {
            await Insist(order, () => WaitFor(order, saga.Value, cancellation), cancellation);
        }
    }

    private async Task Ask(ChaosOrder order, int route, ConcurrentBag<Outcome<SagaId>> answers, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        var answer = route < hosts.Count ? await hosts[route].Ask(order) : await ChaosKinds.Start(outside, order, cancellation);
        if (answer is { } saga)
        {
            answers.Add(saga);
        }
    }

    private async Task<Outcome> WaitFor(ChaosOrder order, SagaId saga, CancellationToken cancellation)
    {
        var ended = await outside.WaitFor(saga, cancellation);
        return ended.IsOk && ended.Value.State == ChaosKinds.Get(order.Kind).Ends
            ? Outcome.Ok
            : Fault.Invalid($"saga {saga} has ended {(ended.IsOk ? ended.Value.State : ended.Fault)}");
    }

    private async Task Insist(ChaosOrder order, Func<Task<Outcome>> ask, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                if (await ask() is { Fault: { Kind: not FaultKind.Conflict } fault })
                {
                    _surprises.Add($"{order} was started, and then its caller was told: {fault}");
                }

                return;
            }
            catch (Exception exception) when (ChaosKinds.IsAway(exception) && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(AgainAfter, cancellation);
            }
        }
    }
}
