using Fury.Sdk.Caching;
using Fury.Sdk.Drivers;

namespace Fury.Services.Attesting;

/// <summary>Whether a cache removes by tag just what has the tag, and tells others of a removal.</summary>
internal sealed class CacheProbe(ICacheDriver cache, Probe probe, TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RemovesEach = TimeSpan.FromMilliseconds(100);

    private readonly string _begin = Probe.NewName(clock);
    private readonly HashSet<string> _keys = [];

    public async Task Run(CancellationToken cancellation)
    {
        try
        {
            await probe.Ask(cache, CacheCapabilities.Tags, () => RemovesByTag(cancellation));
            await probe.Ask(cache, CacheCapabilities.PushInvalidation, () => Tells(cancellation));
        }
        finally
        {
            await Probe.Clean(_keys, cache.RemoveAsync, clock);
        }
    }

    private async Task<bool> RemovesByTag(CancellationToken cancellation)
    {
        await Set("tagged", [$"{_begin}-tag"], cancellation);
        await Set("other", [$"{_begin}-other"], cancellation);
        var isThere = await cache.GetAsync($"{_begin}-tagged", cancellation) is not null;
        await cache.RemoveByTagAsync($"{_begin}-tag", cancellation);
        return isThere
            && await cache.GetAsync($"{_begin}-tagged", cancellation) is null
            && await cache.GetAsync($"{_begin}-other", cancellation) is not null;
    }

    private async Task<bool> Tells(CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(HeardWithin, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        var (key, heard) = ($"{_begin}-watched", Heard($"{_begin}-watched", ends.Token));
        while (!heard.IsCompleted)
        {
            // Again: when it listens is not told.
            await cache.RemoveAsync(key, cancellation);
            await Task.WhenAny(heard, Task.Delay(RemovesEach, clock, cancellation));
        }

        return await heard;
    }

    private async Task<bool> Heard(string key, CancellationToken cancellation)
    {
        try
        {
            await foreach (var news in cache.WatchAsync(cancellation))
            {
                if (news.Key == key)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing came.
        }

        return false;
    }

    private async Task Set(string name, string[] tags, CancellationToken cancellation)
    {
        _keys.Add($"{_begin}-{name}");
        await cache.SetAsync($"{_begin}-{name}", new byte[1], Life, tags, cancellation);
    }
}
