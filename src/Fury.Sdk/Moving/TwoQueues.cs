using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Moving;

/// <summary>Two queues as one, while one takes the other's place. The token of a message begins with the queue that it was received of.</summary>
internal abstract class TwoQueues(IQueueDriver target) : IQueueDriver
{
    protected const string InSource = "s:";
    protected const string InTarget = "t:";

    protected IQueueDriver Target => target;

    public abstract string Provider { get; }

    public abstract CapabilitySet Declared { get; }

    public abstract bool EndsAtOnce { get; }

    public abstract ValueTask ProbeAsync(CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();

    public abstract ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation);

    public abstract ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation);

    public abstract ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation);

    public ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) =>
        Of(token, (queue, own) => queue.CompleteAsync(side, own, cancellation), cancellation);

    public ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) =>
        Of(token, (queue, own) => queue.AbandonAsync(side, own, delay, cancellation), cancellation);

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation) =>
        Of(token, (queue, own) => queue.DeadLetterAsync(own, reason, cancellation), cancellation);

    public ValueTask RedriveAsync(string token, CancellationToken cancellation) =>
        Of(token, (queue, own) => queue.RedriveAsync(own, cancellation), cancellation);

    public async ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation)
    {
        var (queue, own) = await Told(token);
        return await queue.Ask(each => each.RenewAsync(side, own, lease, cancellation), cancellation);
    }

    protected abstract ValueTask<IQueueDriver> Source();

    protected static List<DriverDelivery> Marked(string begin, IReadOnlyList<DriverDelivery> deliveries) =>
        [.. deliveries.Select(delivery => delivery with { Token = begin + delivery.Token })];

    private async ValueTask Of(string token, Func<IQueueDriver, string, ValueTask> settle, CancellationToken cancellation)
    {
        var (queue, own) = await Told(token);
        await queue.Do(each => settle(each, own), cancellation);
    }

    /// <summary>Without a beginning it was received before there were two, of the source.</summary>
    private async ValueTask<(IQueueDriver Queue, string Token)> Told(string token) =>
        token.StartsWith(InTarget, StringComparison.Ordinal) ? (target, token[InTarget.Length..])
        : (await Source(), token.StartsWith(InSource, StringComparison.Ordinal) ? token[InSource.Length..] : token);
}
