using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Services.Attesting;

/// <summary>
/// What a queue does with messages, where it is empty and says so: in one that is used the messages of others would be taken. Those of the probe have expired
/// when they are sent, so an application that receives one drops it unseen.
/// </summary>
internal sealed class QueueProbe(IQueueDriver queue, Probe probe, TimeProvider clock)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);

    private readonly string _name = Probe.NewName(clock);
    private readonly HashSet<string> _sent = [];

    /// <summary>A message did not come: somebody else receives from the queue, and nothing more is tried.</summary>
    private bool _isUsed;

    public async Task Run(CancellationToken cancellation)
    {
        await Ask(MessagingCapabilities.Depth, Counts);
        if (!queue.Declared.Has(MessagingCapabilities.Depth)
            || await queue.GetDepthAsync(cancellation) is not { Visible: 0, Leased: 0, Delayed: null or 0, DeadLettered: null or 0 })
        {
            return;
        }

        try
        {
            await Ask(MessagingCapabilities.Renew, Renews);
            await Ask(MessagingCapabilities.OrderingKey, KeepsOrder);
            await Ask(MessagingCapabilities.Deduplication, DropsDuplicates);
            await Ask(MessagingCapabilities.Redrive, Redrives);
            await Ask(MessagingCapabilities.Delay, Delays);
        }
        finally
        {
            await Probe.Clean([QueueSide.Main, QueueSide.DeadLetters], Empty, clock);
        }

        Task Ask(Capability capability, Func<CancellationToken, Task<bool?>> does) => probe.Ask(queue, capability, async () =>
        {
            var found = _isUsed ? null : await does(cancellation);
            _isUsed |= found is null;
            return found ?? throw new NotKnownException();
        });
    }

    /// <summary>How much is there, some tell only about.</summary>
    private async Task<bool?> Counts(CancellationToken cancellation) =>
        await queue.GetDepthAsync(cancellation) is { Visible: not null, Leased: not null };

    private async Task<bool?> Renews(CancellationToken cancellation)
    {
        await Send("renew", cancellation);
        if (await Receive(cancellation) is not [var one])
        {
            return null;
        }

        var end = await queue.RenewAsync(QueueSide.Main, one.Token, Lease * 2, cancellation);
        await Complete([one], cancellation);
        return end > one.LeaseExpiresAt && await IsRefused(() => queue.CompleteAsync(QueueSide.Main, one.Token, cancellation));
    }

    /// <summary>Of two with one key the first comes, and while it is out the second does not.</summary>
    private async Task<bool?> KeepsOrder(CancellationToken cancellation)
    {
        await Send("order-1", cancellation, key: _name);
        await Send("order-2", cancellation, key: _name);
        var first = await Receive(cancellation);
        var beside = await Receive(cancellation, wait: TimeSpan.Zero);
        await Complete([.. first, .. beside], cancellation);
        var second = beside.Count > 0 ? [] : await Receive(cancellation);
        await Complete(second, cancellation);
        // Only a second beside a first that is out tells anything: one that comes late, or of which another has taken the first, is alone.
        return first.Count == 0 ? null
            : beside.Count > 0 ? false
            : first is [{ Message.Id: var one }] && second is [{ Message.Id: var two }]
                ? (one, two) == ($"{_name}-order-1", $"{_name}-order-2")
                : null;
    }

    private async Task<bool?> DropsDuplicates(CancellationToken cancellation)
    {
        await Send("once", cancellation, deduplication: _name);
        await Send("once", cancellation, deduplication: _name);
        var first = await Receive(cancellation);
        var second = await Receive(cancellation, wait: TimeSpan.Zero);
        await Complete([.. first, .. second], cancellation);
        return first.Count == 0 ? null : second.Count == 0;
    }

    private async Task<bool?> Redrives(CancellationToken cancellation)
    {
        await Send("redrive", cancellation);
        if (await Receive(cancellation) is not [var one])
        {
            return null;
        }

        await queue.DeadLetterAsync(one.Token, "A probe.", cancellation);
        if (await Receive(cancellation, QueueSide.DeadLetters) is not [var dead])
        {
            return null;
        }

        await queue.RedriveAsync(dead.Token, cancellation);
        var again = await Receive(cancellation);
        await Complete(again, cancellation);
        return dead.DeadLetterReason != "A probe." ? false : again is [{ Message.Id: var id }] ? id == one.Message.Id : null;
    }

    private async Task<bool?> Delays(CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        await Send("late", cancellation, delay: Delay);
        var one = await Receive(cancellation, wait: Delay + Wait);
        var after = clock.GetElapsedTime(begun);
        await Complete(one, cancellation);
        return one.Count == 0 ? null : after >= Delay - Margin;
    }

    private async Task Send(string name, CancellationToken cancellation, string? key = null, string? deduplication = null, TimeSpan? delay = null)
    {
        var (id, now) = ($"{_name}-{name}", clock.GetUtcNow());
        _sent.Add(id);
        var message = new OutgoingMessage("probe"u8.ToArray())
        {
            Id = id,
            OrderingKey = key,
            DeduplicationId = deduplication,
            Delay = delay,
            TimeToLive = TimeSpan.FromSeconds(-1),
        };
        await queue.SendAsync(MessageEnvelope.Wrap(message, Probe.Name, now), cancellation);
    }

    /// <summary>Those of the probe; what is another's goes back at once.</summary>
    private async Task<List<DriverDelivery>> Receive(
        CancellationToken cancellation, QueueSide side = QueueSide.Main, TimeSpan? wait = null)
    {
        List<DriverDelivery> own = [];
        foreach (var delivery in await queue.ReceiveAsync(side, 1, Lease, wait ?? Wait, cancellation))
        {
            if (_sent.Contains(delivery.Message.Id))
            {
                own.Add(delivery);
            }
            else
            {
                await queue.AbandonAsync(side, delivery.Token, TimeSpan.Zero, cancellation);
            }
        }

        return own;
    }

    private async Task Complete(IEnumerable<DriverDelivery> deliveries, CancellationToken cancellation)
    {
        foreach (var delivery in deliveries)
        {
            await queue.CompleteAsync(QueueSide.Main, delivery.Token, cancellation);
        }
    }

    private static async Task<bool> IsRefused(Func<ValueTask> settle)
    {
        try
        {
            await settle();
            return false;
        }
        catch (FuryException lost) when (lost.Code == FuryErrorCode.LeaseLost)
        {
            return true;
        }
    }

    private async ValueTask Empty(QueueSide side, CancellationToken cancellation)
    {
        while (await Receive(cancellation, side, TimeSpan.Zero) is { Count: > 0 } left)
        {
            foreach (var delivery in left)
            {
                await queue.CompleteAsync(side, delivery.Token, cancellation);
            }
        }
    }
}
