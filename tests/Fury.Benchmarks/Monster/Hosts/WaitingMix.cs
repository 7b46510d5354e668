using Fury.LittleMonster;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Benchmarks.Monster;

/// <summary>What sagas wait for.</summary>
internal enum WaitingKind
{
    /// <summary>As <see cref="WaitingMix.Idle"/> says.</summary>
    IdleMix,

    /// <summary>A poll every two seconds, all of them.</summary>
    QuickPolls,
}

/// <summary>The one place that says what a waiting saga is.</summary>
internal static class WaitingMix
{
    /// <summary>So many starts under way at once.</summary>
    private const int InFlight = 512;

    /// <summary>What a hundred sagas that wait are: of the first kind the first so many, then of the next.</summary>
    private static readonly (int Percent, bool Asks, Start Start)[] Idle =
    [
        (25, true, Of<PollingSaga>()),
        (25, true, Of<BatchedPollingSaga>()),
        (25, false, Of<SleepingSaga>()),
        (25, false, Of<SignalledSaga>()),
    ];

    private delegate Task Start(ILittleMonster sagas, string run, int number);

    /// <summary>By kind: its share, and the last two digits of the number of its first saga.</summary>
    public static IEnumerable<(int Percent, int Place)> Kinds =>
        Idle.Select((kind, index) => (kind.Percent, Idle.Take(index).Sum(before => before.Percent)));

    /// <summary>How many of so many ask, the others being told.</summary>
    public static int Askers(int sagas) => sagas / 100 * Idle.Where(kind => kind.Asks).Sum(kind => kind.Percent);

    /// <summary>Registers every kind of saga that waits.</summary>
    public static IServiceCollection AddSagas(IServiceCollection services) => services
        .AddSingleton<Gate>()
        .AddSingleton<GateBatch>()
        .AddSaga<PollingSaga>()
        .AddSaga<QuickPollingSaga>()
        .AddSaga<BatchedPollingSaga>()
        .AddSaga<SleepingSaga>()
        .AddSaga<SignalledSaga>();

    public static async Task StartAll(ILittleMonster sagas, Order.Wait order)
    {
        var next = order.First - 1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number - order.First < order.Count)
            {
                var start = order.Kind is WaitingKind.QuickPolls ? Of<QuickPollingSaga>() : KindOf(number);
                await start(sagas, order.Name, number);
            }
        })));
    }

    private static Start KindOf(int number)
    {
        var kind = Kinds.Index().Last(kind => kind.Item.Place <= number % 100);
        return Idle[kind.Index].Start;
    }

    private static Start Of<TSaga>()
        where TSaga : Saga<Job> =>
        async (sagas, run, number) => _ = (await sagas.Start<TSaga, Job>(ClosedLoop.Key(run, number), new Job(number), CancellationToken.None)).Value;
}
