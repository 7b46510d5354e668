using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Sdk.Caching;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Redis;

/// <summary>
/// A value is a hash that expires, of the value and its tags; for each tag there is a set of keys. Changes are published, and heard on a connection of
/// their own.
/// </summary>
internal sealed class RedisCache(DriverContext context) : RedisDriver(context), ICacheDriver
{
    private const int NewsMax = 10_000;

    private const string Common = """
        local p = KEYS[1]
        local function forget(key)
          for _, field in ipairs(redis.call('HKEYS', p .. 'v:' .. key)) do
            if field ~= 'v' then redis.call('SREM', p .. field, key) end
          end
          redis.call('DEL', p .. 'v:' .. key)
        end

        """;

    // KEYS: what all keys begin with. ARGV: key, value, life in ms, tags. A set of a tag lives as long as the longest that is in it.
    private static readonly RedisScript Put = new(Common + """
        forget(ARGV[1])
        local entry = p .. 'v:' .. ARGV[1]
        redis.call('HSET', entry, 'v', ARGV[2])
        for i = 4, #ARGV do
          local tag = 't:' .. ARGV[i]
          local left = redis.call('PTTL', p .. tag)
          redis.call('SADD', p .. tag, ARGV[1])
          redis.call('PEXPIRE', p .. tag, math.max(left, tonumber(ARGV[3])))
          redis.call('HSET', entry, tag, '')
        end
        redis.call('PEXPIRE', entry, ARGV[3])
        redis.call('PUBLISH', p .. 'news', 'k' .. ARGV[1])
        return 1
        """);

    private static readonly RedisScript Delete = new(Common + """
        forget(ARGV[1])
        redis.call('PUBLISH', p .. 'news', 'k' .. ARGV[1])
        return 1
        """);

    private static readonly RedisScript DeleteTag = new(Common + """
        local tag = 't:' .. ARGV[1]
        for _, key in ipairs(redis.call('SMEMBERS', p .. tag)) do
          if redis.call('HEXISTS', p .. 'v:' .. key, tag) == 1 then forget(key) end
        end
        redis.call('DEL', p .. tag)
        redis.call('PUBLISH', p .. 'news', tag)
        return 1
        """);

    // ARGV: key, by how much, life in ms of one that begins.
    private static readonly RedisScript Count = new("""
        local entry = KEYS[1] .. 'v:' .. ARGV[1]
        local begins = redis.call('EXISTS', entry) == 0
        local sum = redis.call('HINCRBY', entry, 'v', ARGV[2])
        if begins then redis.call('PEXPIRE', entry, ARGV[3]) end
        return sum
        """);

    private readonly string _prefix = $"{context.Route.Resource}:cache:";

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CacheCapabilities.Tags, CacheCapabilities.PushInvalidation);

    private ReadOnlyMemory<byte>[] Keys => [Part(_prefix)];

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation) =>
        await Ask(cancellation, Part("HGET"), Part($"{_prefix}v:{key}"), Part("v")) is { IsNull: false } value ? value.Bytes : default(ReadOnlyMemory<byte>?);

    public async ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation) =>
        await Run(Put, Keys, [Part(key), value, Ms(timeToLive), .. tags.Select(Part)], cancellation);

    public async ValueTask RemoveAsync(string key, CancellationToken cancellation) => await Run(Delete, Keys, [Part(key)], cancellation);

    public async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation) => await Run(DeleteTag, Keys, [Part(tag)], cancellation);

    public async ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation) =>
        (await Run(Count, Keys, [Part(key), Part(delta), Ms(timeToLive)], cancellation)).Number;

    public async IAsyncEnumerable<CacheInvalidation> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var news = Channel.CreateBounded<CacheInvalidation>(NewsMax);
        await using var connection = await Connect(said => Hear(said, news.Writer), cancellation);
        await connection.Ask([Part("SUBSCRIBE"), Part(_prefix + "news")], cancellation);
        _ = connection.Ended.ContinueWith(_ => news.Writer.TryComplete(Missed("The connection broke")), TaskScheduler.Default);
        yield return default;
        await foreach (var each in news.Reader.ReadAllAsync(cancellation))
        {
            yield return each;
        }
    }

    /// <summary>What is said to a subscriber: the word "message", the channel, the text.</summary>
    private static void Hear(RespValue said, ChannelWriter<CacheInvalidation> news)
    {
        if (said.Items is [_, _, { Text: { Length: > 0 } text }] && !news.TryWrite(
            text[0] == 'k' ? new CacheInvalidation(text[1..], null) : new CacheInvalidation(null, text[2..])))
        {
            news.TryComplete(Missed("There was too much"));
        }
    }

    private static FuryException Missed(string why) => new(FuryErrorCode.Unavailable, $"{why}: changes of the cache were missed.") { IsTransient = true };

    private static ReadOnlyMemory<byte> Ms(TimeSpan time) => Part((long)Math.Ceiling(time.TotalMilliseconds));
}
