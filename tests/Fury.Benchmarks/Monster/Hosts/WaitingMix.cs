using Fury.LittleMonster;

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

    /// <summary>A hundred sagas that wait: of the first kind the first so many, then of the next.</summary>
    private static readonly (int Percent, Start Start)[] Idle = [(100, Of<MinutePoll>())];

    private delegate Task Start(ILittleMonster sagas, string run, int number);

    /// <summary>Starts so many, numbered from 0; returns when all starts are durable.</summary>
    public static async Task StartAll(ILittleMonster sagas, Order.Wait order)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < order.Count)
            {
                await Kind(order.Kind, number)(sagas, order.Name, number);
            }
        })));
    }

    private static Start Kind(WaitingKind kind, int number)
    {
        if (kind is WaitingKind.QuickPolls)
        {
            return Of<QuickPoll>();
        }

        var place = number % 100;
        foreach (var (percent, start) in Idle)
        {
            if (place < percent)
            {
                return start;
            }

            place -= percent;
        }

        throw new InvalidOperationException("The shares of the mix are not 100 % together.");
    }

    private static Start Of<TSaga>()
        where TSaga : Saga<Job> =>
        async (sagas, run, number) => _ = (await sagas.Start<TSaga, Job>(ClosedLoop.Key(run, number), new Job(number), CancellationToken.None)).Value;
}
