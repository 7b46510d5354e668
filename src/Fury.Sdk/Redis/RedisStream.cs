using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Redis;

/// <summary>A Redis stream for each partition, whose ids are the positions; claims and checkpoints of groups are hashes beside it.</summary>
internal sealed class RedisStream(DriverContext context) : RedisDriver(context), IStreamDriver
{
    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100));

    private const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """;

    // KEYS: claim. ARGV: member, lease in ms. A claim is a hash of member, generation, end in ms and checkpoint.
    private static readonly RedisScript Claim = new(Now + """
        local claim = redis.call('HMGET', KEYS[1], 'm', 'e')
        local over = tonumber(claim[2] or '0') <= now
        if not over and claim[1] ~= ARGV[1] then return false end
        if over then redis.call('HINCRBY', KEYS[1], 'g', 1) end
        redis.call('HSET', KEYS[1], 'm', ARGV[1], 'e', now + tonumber(ARGV[2]))
        return redis.call('HMGET', KEYS[1], 'g', 'c')
        """);

    private static readonly RedisScript Release = new("""
        if redis.call('HGET', KEYS[1], 'm') == ARGV[1] then redis.call('HSET', KEYS[1], 'e', 0) end
        return 1
        """);

    // KEYS: claim. ARGV: generation, position.
    private static readonly RedisScript Checkpoint = new(Now + """
        local claim = redis.call('HMGET', KEYS[1], 'g', 'e', 'c')
        if claim[1] ~= ARGV[1] or tonumber(claim[2] or '0') <= now then return 0 end
        local function parts(position)
          local ms, number = string.match(position, '^(%d+)-(%d+)$')
          return tonumber(ms), tonumber(number)
        end
        local newMs, newNumber = parts(ARGV[2])
        local oldMs, oldNumber = parts(claim[3] or '0-0')
        if newMs > oldMs or (newMs == oldMs and newNumber > oldNumber) then redis.call('HSET', KEYS[1], 'c', ARGV[2]) end
        return 1
        """);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(StreamCapabilities.Groups);

    public ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation) => ValueTask.FromResult(Partitions.Names);

    public async ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation)
    {
        var id = await Ask(
            cancellation,
            Part("XADD"),
            Key(Partitions.For(record.Key)),
            Part("*"),
            Part("k"),
            Part(record.Key),
            Part("b"),
            record.Body,
            Part("h"),
            HeadersJson.Write(record.Headers));
        return new StreamPosition(id.Text);
    }

    public ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation) =>
        Looks.FindAsync(() => Read(partition, after, max, cancellation), wait, Clock, cancellation);

    public async ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation)
    {
        var answer = await Run(Claim, [Group(group, partition)], [Part(member), Part((long)lease.TotalMilliseconds)], cancellation);
        return answer.Items is [var generation, var checkpoint]
            ? new PartitionClaim(
                long.Parse(generation.Text, CultureInfo.InvariantCulture),
                checkpoint.IsNull ? StreamPosition.Earliest : new StreamPosition(checkpoint.Text))
            : null;
    }

    public async ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation) =>
        await Run(Release, [Group(group, partition)], [Part(member)], cancellation);

    public async ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation) =>
        (await Run(Checkpoint, [Group(group, partition)], [Part(generation), Part(position.Value)], cancellation)).Number == 1;

    private async ValueTask<IReadOnlyList<StreamRecord>> Read(string partition, StreamPosition after, int max, CancellationToken cancellation)
    {
        var from = Part(string.IsNullOrEmpty(after.Value) ? "-" : "(" + after.Value);
        var answer = await Ask(cancellation, Part("XRANGE"), Key(partition), from, Part("+"), Part("COUNT"), Part(max));
        return [.. answer.Items!.Select(each => Record(partition, each.Items![0].Text, each.Items[1].Items!))];
    }

    private static StreamRecord Record(string partition, string id, IReadOnlyList<RespValue> fields) => new(
        partition,
        new StreamPosition(id),
        fields[1].Text,
        fields[3].Bytes,
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id[..id.IndexOf('-')], CultureInfo.InvariantCulture)),
        HeadersJson.Read(fields[5].Bytes.Span));

    private ReadOnlyMemory<byte> Key(string partition) => Part($"{Prefix}stream:{partition}");

    private ReadOnlyMemory<byte> Group(string group, string partition) => Part($"{Prefix}group:{partition}:{group}");
}
