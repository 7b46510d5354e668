using System.Globalization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

/// <summary>Messages with leases, in order; of one ordering key one is out at a time.</summary>
internal sealed class LocalMailbox(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = [];
    private readonly Pulse _pulse = new(clock);
    private long _tokens;

    public (long Visible, long Leased, long Delayed) Count()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            return (
                _entries.Count(each => each.Token is null ? each.VisibleAt <= now : each.LeaseEnd <= now),
                _entries.Count(each => each.Token is not null && each.LeaseEnd > now),
                _entries.Count(each => each.Token is null && each.VisibleAt > now));
        }
    }

    public void Add(DriverMessage message, string? reason = null)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            _entries.AddLast(new Entry(message, now, reason) { VisibleAt = now + message.Delay });
        }

        _pulse.Beat();
    }

    public async ValueTask<IReadOnlyList<DriverDelivery>> Receive(int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = clock.GetUtcNow() + wait;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = _pulse.Next;
            var (taken, soonest) = Take(max, lease);
            var left = deadline - clock.GetUtcNow();
            if (taken.Count > 0 || left <= TimeSpan.Zero)
            {
                return taken;
            }

            await _pulse.Wait(next, soonest < left ? soonest : left, cancellation);
        }
    }

    /// <summary>Removes what the token has leased.</summary>
    public DriverMessage Remove(string token)
    {
        lock (_gate)
        {
            var node = Leased(token);
            _entries.Remove(node);
            _pulse.Beat();
            return node.Value.Message;
        }
    }

    public void Abandon(string token, TimeSpan delay)
    {
        lock (_gate)
        {
            var entry = Leased(token).Value;
            entry.Token = null;
            entry.VisibleAt = clock.GetUtcNow() + delay;
        }

        _pulse.Beat();
    }

    public DateTimeOffset Renew(string token, TimeSpan lease)
    {
        lock (_gate)
        {
            return Leased(token).Value.LeaseEnd = clock.GetUtcNow() + lease;
        }
    }

    /// <summary>Leases what may be seen, and tells how long until something else may be.</summary>
    private (List<DriverDelivery> Taken, TimeSpan Soonest) Take(int max, TimeSpan lease)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            List<DriverDelivery> taken = [];
            HashSet<string> heldKeys = [];
            var soonest = TimeSpan.MaxValue;
            foreach (var entry in _entries)
            {
                if (taken.Count == max)
                {
                    break;
                }

                var free = entry.Token is null ? entry.VisibleAt : entry.LeaseEnd;
                var key = entry.Message.OrderingKey;
                var isHeld = key is not null && !heldKeys.Add(key);
                if (free > now)
                {
                    soonest = free - now < soonest ? free - now : soonest;
                }
                else if (!isHeld)
                {
                    taken.Add(Lease(entry, now + lease));
                }
            }

            return (taken, soonest);
        }
    }

    private DriverDelivery Lease(Entry entry, DateTimeOffset end)
    {
        entry.Token = (++_tokens).ToString(CultureInfo.InvariantCulture);
        entry.LeaseEnd = end;
        entry.Deliveries++;
        return new DriverDelivery(entry.Message, entry.Token, entry.Deliveries, entry.EnqueuedAt, end) { DeadLetterReason = entry.Reason };
    }

    private LinkedListNode<Entry> Leased(string token)
    {
        for (var node = _entries.First; node is not null; node = node.Next)
        {
            if (node.Value.Token == token && node.Value.LeaseEnd > clock.GetUtcNow())
            {
                return node;
            }
        }

        throw Failure.LeaseLost("the message");
    }

    private sealed class Entry(DriverMessage message, DateTimeOffset enqueuedAt, string? reason)
    {
        public DriverMessage Message { get; } = message;

        public DateTimeOffset EnqueuedAt { get; } = enqueuedAt;

        public string? Reason { get; } = reason;

        public DateTimeOffset VisibleAt { get; set; }

        public DateTimeOffset LeaseEnd { get; set; }

        public string? Token { get; set; }

        public int Deliveries { get; set; }
    }
}
