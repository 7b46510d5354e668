using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Local;

/// <summary>Drops messages that were sent within the window under the same id.</summary>
internal sealed class Deduplication(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _seen = [];

    public bool IsDuplicate(string? id)
    {
        if (id is null)
        {
            return false;
        }

        lock (_gate)
        {
            var now = clock.GetUtcNow();
            foreach (var over in _seen.Where(each => each.Value <= now).Select(each => each.Key).ToList())
            {
                _seen.Remove(over);
            }

            return !_seen.TryAdd(id, now + Window);
        }
    }
}

internal sealed class LocalQueue(TimeProvider clock, IReadOnlyDictionary<string, string> filter) : LocalDriver(
    MessagingCapabilities.OrderingKey,
    MessagingCapabilities.Delay,
    MessagingCapabilities.Deduplication,
    MessagingCapabilities.Renew,
    MessagingCapabilities.Redrive,
    MessagingCapabilities.TimeToLive,
    MessagingCapabilities.Depth,
    MessagingCapabilities.Filter), IQueueDriver
{
    private readonly LocalMailbox _main = new(clock);
    private readonly LocalMailbox _dead = new(clock);
    private readonly Deduplication _seen = new(clock);

    public ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation)
    {
        if (_seen.IsDuplicate(message.DeduplicationId))
        {
            return ValueTask.FromResult(true);
        }

        _main.Add(Copy(message));
        return ValueTask.FromResult(false);
    }

    /// <summary>From the topic: it has looked for duplicates itself.</summary>
    public void Offer(DriverMessage message)
    {
        if (MessageEnvelope.Matches(message, filter))
        {
            _main.Add(Copy(message));
        }
    }

    public ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation) => Of(side).Receive(max, lease, wait, cancellation);

    public ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation)
    {
        Of(side).Remove(token);
        return ValueTask.CompletedTask;
    }

    public ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation)
    {
        Of(side).Abandon(token, delay);
        return ValueTask.CompletedTask;
    }

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation)
    {
        _dead.Add(_main.Remove(token) with { Delay = TimeSpan.Zero }, reason);
        return ValueTask.CompletedTask;
    }

    public ValueTask RedriveAsync(string token, CancellationToken cancellation)
    {
        _main.Add(_dead.Remove(token));
        return ValueTask.CompletedTask;
    }

    public ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation) =>
        ValueTask.FromResult(Of(side).Renew(token, lease));

    public ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var (visible, leased, delayed) = _main.Count();
        var dead = _dead.Count();
        return ValueTask.FromResult(new QueueDepth(visible, leased, delayed, dead.Visible + dead.Leased));
    }

    /// <summary>Whoever sent it may use its buffer again.</summary>
    private static DriverMessage Copy(DriverMessage message) => message with { Body = message.Body.ToArray() };

    private LocalMailbox Of(QueueSide side) => side == QueueSide.Main ? _main : _dead;
}

internal sealed class LocalTopic(TimeProvider clock, Func<IEnumerable<LocalQueue>> subscriptions) : LocalDriver(
    MessagingCapabilities.OrderingKey,
    MessagingCapabilities.Delay,
    MessagingCapabilities.Deduplication,
    MessagingCapabilities.Filter), ITopicDriver
{
    private readonly Lock _gate = new();
    private readonly Deduplication _seen = new(clock);

    public ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        // One at a time, so that all subscriptions have the same order.
        lock (_gate)
        {
            if (_seen.IsDuplicate(message.DeduplicationId))
            {
                return ValueTask.FromResult(true);
            }

            foreach (var subscription in subscriptions())
            {
                subscription.Offer(message);
            }

            return ValueTask.FromResult(false);
        }
    }
}
