using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Local;

internal sealed class LocalStream(TimeProvider clock) : LocalDriver(StreamCapabilities.Groups), IStreamDriver
{
    private readonly Lock _gate = new();
    private readonly Pulse _pulse = new(clock);
    private readonly List<StreamRecord>[] _records = [.. Enumerable.Range(0, Partitions.Count).Select(_ => new List<StreamRecord>())];
    private readonly Dictionary<(string Group, string Partition), Claim> _claims = [];

    public ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation) =>
        ValueTask.FromResult(Partitions.Names);

    public ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation)
    {
        var index = Partitions.Index(record.Key);
        StreamPosition position;
        lock (_gate)
        {
            position = Position(_records[index].Count + 1);
            _records[index].Add(new StreamRecord(
                Partitions.Names[index], position, record.Key, record.Body.ToArray(), clock.GetUtcNow(), new Dictionary<string, string>(record.Headers)));
        }

        _pulse.Beat();
        return ValueTask.FromResult(position);
    }

    public async ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = clock.GetUtcNow() + wait;
        while (true)
        {
            var next = _pulse.Next;
            List<StreamRecord> found;
            lock (_gate)
            {
                found = [.. _records[Index(partition)].Skip(Number(after)).Take(max)];
            }

            var left = deadline - clock.GetUtcNow();
            if (found.Count > 0 || left <= TimeSpan.Zero)
            {
                return found;
            }

            await _pulse.Wait(next, left, cancellation);
        }
    }

    public ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            _ = Index(partition);
            var claim = _claims.GetValueOrDefault((group, partition)) ?? new Claim("", 0, default, StreamPosition.Earliest);
            if (claim.Member != member && claim.End > now)
            {
                return ValueTask.FromResult<PartitionClaim?>(null);
            }

            var kept = claim.Member == member && claim.End > now;
            claim = claim with { Member = member, Generation = kept ? claim.Generation : claim.Generation + 1, End = now + lease };
            _claims[(group, partition)] = claim;
            return ValueTask.FromResult<PartitionClaim?>(new PartitionClaim(claim.Generation, claim.Checkpoint));
        }
    }

    public ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue((group, partition), out var claim) && claim.Member == member)
            {
                _claims[(group, partition)] = claim with { End = default };
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_claims.TryGetValue((group, partition), out var claim) || claim.Generation != generation || claim.End <= clock.GetUtcNow())
            {
                return ValueTask.FromResult(false);
            }

            if (Number(position) > Number(claim.Checkpoint))
            {
                _claims[(group, partition)] = claim with { Checkpoint = position };
            }

            return ValueTask.FromResult(true);
        }
    }

    private static int Index(string partition) =>
        partition is ['p', .. var number] && int.TryParse(number, CultureInfo.InvariantCulture, out var index) && index is >= 0 and < Partitions.Count
            ? index
            : throw Failure.Invalid($"There is no partition '{partition}'; ask GetPartitionsAsync which there are.");

    private static StreamPosition Position(int number) => new(number.ToString(CultureInfo.InvariantCulture));

    private static int Number(StreamPosition position) => string.IsNullOrEmpty(position.Value) ? 0
        : int.TryParse(position.Value, CultureInfo.InvariantCulture, out var number) ? number
        : throw Failure.Invalid($"The position '{position}' is none of this stream; take it from a record as it is.");

    private sealed record Claim(string Member, long Generation, DateTimeOffset End, StreamPosition Checkpoint);
}
