using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Redis;
using Fury.Testing;

namespace Fury.Sdk.Tests.Redis;

/// <summary>What Redis tells those who watch a cache.</summary>
public sealed class RedisCacheTests(RedisServer server) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task Changes_by_one_reach_another_who_watches()
    {
        await using var pair = new Pair(await Open(), await Open());
        var (writer, watcher) = pair;
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var news = watcher.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        // Until it is subscribed, nothing is heard; from then on, all is.
        Assert.True(await news.MoveNextAsync());
        Assert.Equal(default, news.Current);
        await writer.SetAsync("a", new byte[] { 1 }, TimeSpan.FromMinutes(1), ["t"], stop.Token);
        Assert.True(await news.MoveNextAsync());
        Assert.Equal(new CacheInvalidation("a", null), news.Current);

        await writer.RemoveByTagAsync("t", stop.Token);
        var tag = new CacheInvalidation(null, "t");
        while (news.Current != tag)
        {
            Assert.True(await news.MoveNextAsync());
        }

        Assert.Null(await watcher.GetAsync("a", stop.Token));
    }

    [Fact]
    public async Task A_tag_that_a_key_has_no_more_does_not_remove_it()
    {
        await using var cache = await Open();
        await cache.SetAsync("a", new byte[] { 1 }, TimeSpan.FromMinutes(1), ["old"], default);
        await cache.SetAsync("a", new byte[] { 2 }, TimeSpan.FromMinutes(1), ["new"], default);

        await cache.RemoveByTagAsync("old", default);

        Assert.Equal([2], (await cache.GetAsync("a", default))!.Value.ToArray());
    }

    private async Task<ICacheDriver> Open() => (ICacheDriver)await RedisProvider.Factories.Single(factory => factory.Kind == ServiceKind.Cache).OpenAsync(
        new DriverContext("c", new ServiceRoute(RedisProvider.Name, "direct", server.Endpoint, "local", "cache-tests"), TimeProvider.System), default);

    private sealed record Pair(ICacheDriver One, ICacheDriver Other) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Other.DisposeAsync();
        }
    }
}
