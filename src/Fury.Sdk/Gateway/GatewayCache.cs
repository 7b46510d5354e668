using System.Runtime.CompilerServices;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Gateway;

/// <summary>A cache behind the gateway. What others change is asked for by a question that waits.</summary>
internal sealed class GatewayCache(GatewayLine line) : GatewayDriver(line), ICacheDriver
{
    private static readonly TimeSpan WatchWait = TimeSpan.FromSeconds(25);

    /// <summary>What an answer may take beyond its wait; later the connection is taken for dead.</summary>
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(10);

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation) => Line.Ask(
        "get", new WireWriter().Text(key), static from => from.BytesOrNull(), cancellation);

    public async ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation) => await Line.Do(
        "set", new WireWriter().Text(key).Bytes(value).Span(timeToLive).List(tags, static (to, tag) => to.Text(tag)), cancellation);

    public async ValueTask RemoveAsync(string key, CancellationToken cancellation) => await Line.Do("remove", new WireWriter().Text(key), cancellation);

    public async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation) =>
        await Line.Do("remove-by-tag", new WireWriter().Text(tag), cancellation);

    public ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation) => Line.Ask(
        "increment", new WireWriter().Text(key).Number(delta).Span(timeToLive), static from => from.Number(), cancellation);

    public async IAsyncEnumerable<CacheInvalidation> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        // Who answers may be another host each time, with another log of the same changes.
        var known = new Dictionary<string, long>();
        while (true)
        {
            var news = await Next(known, cancellation);
            if (known.Count >= GatewayProtocol.LogsMax && !known.ContainsKey(news.Log))
            {
                known.Clear();
            }

            known[news.Log] = news.Position;
            if (news.MissedSome)
            {
                yield return default;
            }

            foreach (var gone in news.Gone)
            {
                yield return gone;
            }
        }
    }

    private async ValueTask<CacheNews> Next(Dictionary<string, long> known, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(WatchWait + WatchGrace, Line.Clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await Line.Ask("watch", CacheWire.Known(new WireWriter(), known).Span(WatchWait), CacheWire.News, ends.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FuryException(FuryErrorCode.Timeout, $"{GatewayLine.Speaker} has said nothing of the cache's changes.") { IsTransient = true };
        }
    }
}

/// <summary>What has changed in a cache.</summary>
/// <param name="Log">Whose positions these are.</param>
/// <param name="Position">Up to where it is told.</param>
/// <param name="MissedSome">Some of what has changed cannot be told any more: it may be anything.</param>
internal sealed record CacheNews(string Log, long Position, bool MissedSome, IReadOnlyList<CacheInvalidation> Gone);

/// <summary>Changes of caches in frames.</summary>
internal static class CacheWire
{
    public static WireWriter Known(WireWriter to, IReadOnlyDictionary<string, long> known) =>
        to.List(known, static (writer, each) => writer.Text(each.Key).Number(each.Value));

    public static Dictionary<string, long> Known(WireReader from)
    {
        var known = new Dictionary<string, long>();
        foreach (var (log, position) in from.List(static each => (each.Text(), each.Number())))
        {
            known[log] = position;
        }

        return known;
    }

    public static WireWriter News(WireWriter to, CacheNews news) => to
        .Text(news.Log)
        .Number(news.Position)
        .Yes(news.MissedSome)
        .List(news.Gone, static (writer, each) => writer.Text(each.Key).Text(each.Tag));

    public static CacheNews News(WireReader from) => new(
        from.Text(), from.Number(), from.Yes(), from.List(static each => new CacheInvalidation(each.TextOrNull(), each.TextOrNull())));
}
