using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Moving;

/// <summary>
/// A queue that is drained and switched: first those who receive look at both, then those who send use the target, and when the source is empty, it is
/// left. Where messages of a key are in order, nothing is received of the target before the source is drained, so they wait for that long. A message that
/// was sent to the source and, its answer lost, again to the target comes twice, as the inbox is there for.
/// </summary>
internal sealed class MovingQueue(MovePhase phase, IQueueDriver source, IQueueDriver target, TimeProvider clock) : TwoQueues(target)
{
    /// <summary>Nobody tells both queues at once that a message has come.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private readonly bool _isOrdered =
        source.Declared.Has(MessagingCapabilities.OrderingKey) && target.Declared.Has(MessagingCapabilities.OrderingKey);

    public override string Provider => phase == MovePhase.Settling ? Target.Provider : source.Provider;

    public override CapabilitySet Declared { get; } = Sides.Both(source, target);

    public override bool EndsAtOnce => source.EndsAtOnce && Target.EndsAtOnce;

    private bool SendsToTarget => phase is MovePhase.Moving or MovePhase.Settling;

    /// <summary>On the way back the two have changed their places.</summary>
    private bool DrainsSource => phase is MovePhase.Preparing or MovePhase.Moving;

    public override ValueTask ProbeAsync(CancellationToken cancellation) => Sides.Probe(source, Target, cancellation);

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await Target.DisposeAsync();
    }

    public override ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation) =>
        (SendsToTarget ? Target : source).Ask(each => each.SendAsync(message, cancellation), cancellation);

    public override async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        var (begun, first, firstBegin, second, secondBegin) = DrainsSource || phase == MovePhase.Settling
            ? (clock.GetTimestamp(), source, InSource, Target, InTarget)
            : (clock.GetTimestamp(), Target, InTarget, source, InSource);
        while (true)
        {
            // What is drained has what is older.
            if (phase != MovePhase.Settling && await From(first, firstBegin, TimeSpan.Zero) is { Count: > 0 } older)
            {
                return older;
            }

            var left = wait - clock.GetElapsedTime(begun);
            var turn = left <= TimeSpan.Zero ? TimeSpan.Zero : phase == MovePhase.Settling || left < Turn ? left : Turn;
            var isHeld = phase != MovePhase.Settling && side == QueueSide.Main && _isOrdered && !await IsDrained(first, cancellation);
            var found = isHeld ? await From(first, firstBegin, turn) : await From(second, secondBegin, turn);
            if (found.Count > 0 || left <= Turn)
            {
                return found;
            }
        }

        async ValueTask<List<DriverDelivery>> From(IQueueDriver queue, string begin, TimeSpan turn) =>
            Marked(begin, await queue.Ask(each => each.ReceiveAsync(side, max, lease, turn, cancellation), cancellation));
    }

    public override async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var one = await source.Ask(each => each.GetDepthAsync(cancellation), cancellation);
        var other = await Target.Ask(each => each.GetDepthAsync(cancellation), cancellation);
        return new QueueDepth(
            one.Visible + other.Visible, one.Leased + other.Leased, one.Delayed + other.Delayed, one.DeadLettered + other.DeadLettered);
    }

    /// <summary>Whether nothing is in it, leased or delayed; dead letters do not count. Who cannot tell is not drained.</summary>
    public static async ValueTask<bool> IsDrained(IQueueDriver queue, CancellationToken cancellation) =>
        IsEmpty(await queue.Ask(each => each.GetDepthAsync(cancellation), cancellation));

    /// <summary>Some tell nothing of what is delayed, as they delay nothing, or count it as out.</summary>
    public static bool IsEmpty(QueueDepth depth) => depth is { Visible: 0, Leased: 0, Delayed: null or 0 };

    protected override ValueTask<IQueueDriver> Source() => ValueTask.FromResult(source);
}
