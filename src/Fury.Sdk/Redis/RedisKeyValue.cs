using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Redis;

/// <summary>
/// Each entry is a hash of the value and its revision, which a counter of the store gives; the sort parts of a partition are in a sorted set, whose
/// order is that of bytes. All writes are one script, so compared and written in one step.
/// </summary>
internal sealed class RedisKeyValue(DriverContext context) : RedisDriver(context), IKeyValueDriver
{
    /// <summary>Redis may drop what has expired so much later: its clock need not be ours.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // KEYS: counter, index, then one for each step. ARGV for each step: kind, guard, revision, value, ms of expiry or 0, sort part.
    private static readonly RedisScript Write = new("""
        for i = 3, #KEYS do
          local a = (i - 3) * 6
          local current = redis.call('HGET', KEYS[i], 'r')
          if ARGV[a + 2] == 'absent' and current then return false end
          if ARGV[a + 2] == 'at' and current ~= ARGV[a + 3] then return false end
        end
        local results = {}
        for i = 3, #KEYS do
          local a = (i - 3) * 6
          results[i - 2] = ''
          if ARGV[a + 1] == 'Put' then
            local revision = redis.call('INCR', KEYS[1])
            redis.call('HSET', KEYS[i], 'v', ARGV[a + 4], 'r', revision)
            if ARGV[a + 5] == '0' then redis.call('PERSIST', KEYS[i]) else redis.call('PEXPIREAT', KEYS[i], ARGV[a + 5]) end
            redis.call('ZADD', KEYS[2], 0, ARGV[a + 6])
            results[i - 2] = tostring(revision)
          elseif ARGV[a + 1] == 'Delete' then
            if redis.call('DEL', KEYS[i]) == 1 then results[i - 2] = 'gone' end
            redis.call('ZREM', KEYS[2], ARGV[a + 6])
          end
        end
        return results
        """);

    // KEYS: index. ARGV: what keys of entries begin with, least, most, limit. Entries that Redis has dropped leave the index here.
    private static readonly RedisScript Scan = new("""
        local found, from, limit = {}, ARGV[2], tonumber(ARGV[4])
        while #found < limit * 3 do
          local sorts = redis.call('ZRANGEBYLEX', KEYS[1], from, ARGV[3], 'LIMIT', 0, limit)
          for _, sort in ipairs(sorts) do
            local entry = redis.call('HMGET', ARGV[1] .. sort, 'v', 'r')
            if not entry[1] then
              redis.call('ZREM', KEYS[1], sort)
            elseif #found < limit * 3 then
              found[#found + 1] = sort
              found[#found + 1] = entry[1]
              found[#found + 1] = entry[2]
            end
          end
          if #sorts < limit then break end
          from = '(' .. sorts[#sorts]
        end
        return found
        """);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        KeyValueCapabilities.Cas,
        KeyValueCapabilities.TimeToLive,
        KeyValueCapabilities.PrefixScan,
        KeyValueCapabilities.PartitionTransaction,
        KeyValueCapabilities.StrongRead);

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        var answer = await Ask(cancellation, Part("HMGET"), Part(Entry(key.Partition) + key.Sort), Part("v"), Part("r"));
        return answer.Items is [{ IsNull: false } value, var revision] ? new KvItem(key, value.Bytes, revision.Text) : null;
    }

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        var answer = await Apply([step], cancellation);
        return answer.IsNull ? new KvWritten(false, null)
            : step.Kind == KvStepKind.Delete ? new KvWritten(answer.Items![0].Bytes.Length > 0, null)
            : new KvWritten(true, answer.Items![0].Text);
    }

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        var answer = await Apply(steps, cancellation);
        return answer.IsNull ? null : [.. answer.Items!.Zip(steps, (item, step) => step.Kind == KvStepKind.Put ? item.Text : null)];
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        // After the prefix there is nothing that begins with the byte FF, which UTF-8 does not have.
        var most = prefix.Length == 0 ? Part("+") : (byte[])[(byte)'(', .. Part(prefix).Span, 0xff];
        var answer = await Run(
            Scan,
            [Part(Index(partition))],
            [Part(Entry(partition)), Part(after is null ? "[" + prefix : "(" + after), most, Part(limit)],
            cancellation);
        return
        [
            .. answer.Items!.Chunk(3).Select(each => new KvItem(
                new KvKey(partition, each[0].Bytes.IsEmpty ? null : each[0].Text), each[1].Bytes, each[2].Text)),
        ];
    }

    public async ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation)
    {
        var page = await KeysThatBegin(Prefix + "e:", from, limit, cancellation);
        return new KvKeyPage([.. page.Names.Select(KeyOf)], page.Next);
    }

    /// <summary>Null when a guard did not allow it; else for each step the revision of what was put, or a word for what was deleted.</summary>
    private ValueTask<RespValue> Apply(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        var partition = steps[0].Key.Partition;
        return Run(
            Write,
            [Part(Prefix + "revision"), Part(Index(partition)), .. steps.Select(step => Part(Entry(partition) + step.Key.Sort))],
            [.. steps.SelectMany(Arguments)],
            cancellation);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Arguments(KvStep step) =>
    [
        Part(step.Kind.ToString()),
        Part(step.Guard.IsNone ? "none" : step.Guard.IsAbsent ? "absent" : "at"),
        Part(step.Guard.Revision ?? ""),
        step.Value,
        Part(step.ExpiresAt is { } end ? (end + Grace).ToUnixTimeMilliseconds() : 0),
        Part(step.Key.Sort ?? ""),
    ];

    /// <summary>With the partition's length before it, so that no partition and sort part look like others.</summary>
    private string Entry(string partition) => $"{Prefix}e:{partition.Length}:{partition}:";

    private static KvKey KeyOf(string entry)
    {
        var colon = entry.IndexOf(':');
        var length = int.Parse(entry.AsSpan(0, colon), CultureInfo.InvariantCulture);
        var sort = entry[(colon + length + 2)..];
        return new KvKey(entry.Substring(colon + 1, length), sort.Length == 0 ? null : sort);
    }

    private string Index(string partition) => $"{Prefix}i:{partition}";
}
