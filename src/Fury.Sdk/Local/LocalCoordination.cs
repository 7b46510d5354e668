using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

internal sealed class LocalLocks(TimeProvider clock) : LocalDriver(CoordinationCapabilities.Fencing, CoordinationCapabilities.Renew), ILockDriver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Holding> _held = [];
    private readonly Dictionary<string, long> _counters = [];

    public ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var held = Held(resource, now);
            if (held is not null && held.Owner != owner)
            {
                return ValueTask.FromResult<LockGrant?>(null);
            }

            var counter = held?.Counter ?? (_counters[resource] = _counters.GetValueOrDefault(resource) + 1);
            _held[resource] = new Holding(owner, counter, now + lease);
            return ValueTask.FromResult<LockGrant?>(new LockGrant(counter, now + lease));
        }
    }

    public ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (Held(resource, now) is not { } held || held.Owner != owner)
            {
                return ValueTask.FromResult<DateTimeOffset?>(null);
            }

            _held[resource] = held with { End = now + lease };
            return ValueTask.FromResult<DateTimeOffset?>(now + lease);
        }
    }

    public ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(resource, out var held) && held.Owner == owner)
            {
                _held.Remove(resource);
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Held(resource, clock.GetUtcNow())?.End);
        }
    }

    public ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _counters[resource] = Math.Max(_counters.GetValueOrDefault(resource), floor);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<LockCounterPage> CountersAsync(string? from, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            List<LockCounter> counters =
            [
                .. _counters
                    .Where(each => from is null || string.CompareOrdinal(each.Key, from) > 0)
                    .OrderBy(each => each.Key, StringComparer.Ordinal)
                    .Take(limit)
                    .Select(each => new LockCounter(each.Key, each.Value)),
            ];
            return ValueTask.FromResult(new LockCounterPage(counters, counters.Count < limit ? null : counters[^1].Resource));
        }
    }

    private Holding? Held(string resource, DateTimeOffset now) => _held.TryGetValue(resource, out var held) && held.End > now ? held : null;

    private sealed record Holding(string Owner, long Counter, DateTimeOffset End);
}

internal sealed class LocalSequences() : LocalDriver(CoordinationCapabilities.Range), ISequenceDriver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _given = [];

    public ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var last = _given.GetValueOrDefault(sequence);
            _given[sequence] = last + count;
            return ValueTask.FromResult(last + 1);
        }
    }

    public ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_given.GetValueOrDefault(sequence));
        }
    }

    public ValueTask<NamePage> NamesAsync(string? from, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            List<string> names =
            [
                .. _given.Keys.Where(name => from is null || string.CompareOrdinal(name, from) > 0).Order(StringComparer.Ordinal).Take(limit),
            ];
            return ValueTask.FromResult(new NamePage(names, names.Count < limit ? null : names[^1]));
        }
    }

    public ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _given[sequence] = Math.Max(_given.GetValueOrDefault(sequence), floor);
            return ValueTask.CompletedTask;
        }
    }
}
