using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fury.Sdk;
using Fury.Sdk.Caching;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Services.Gateway;
using Fury.Testing;

namespace Fury.Services.Tests.Gateway;

/// <summary>What instances hear through the gateway of what others have done.</summary>
public sealed class GatewayNewsTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    private static readonly CacheEntryOptions Long = new() { TimeToLive = TimeSpan.FromHours(1), LocalTimeToLive = TimeSpan.FromHours(1) };

    [Fact]
    public async Task A_removal_by_one_node_reaches_the_memory_of_another()
    {
        host.Bind(ServiceKind.Cache, "pages", 1, "local");
        await using var one = new GatewayApp(host);
        await using var two = new GatewayApp(host);
        var (writer, reader) = (await Cache(one), await Cache(two));
        using var stop = new CancellationTokenSource();
        var watching = ((PortableCache)reader).Watch(stop.Token);
        // Until it is watched, nothing is heard.
        await Eventually.True(async () =>
        {
            await reader.SetAsync("ready", "x", NewsJson.Default.String, Long);
            await writer.RemoveAsync("ready");
            return !(await reader.TryGetAsync("ready", NewsJson.Default.String)).Found;
        });

        await reader.SetAsync("a", "old", NewsJson.Default.String, Long);
        await reader.SetAsync("b", "old", NewsJson.Default.String, Long, ["t"]);
        await writer.SetAsync("a", "new", NewsJson.Default.String, Long);
        await writer.RemoveByTagAsync("t");

        await Eventually.True(async () => (await reader.TryGetAsync("a", NewsJson.Default.String)).Value == "new");
        await Eventually.True(async () => !(await reader.TryGetAsync("b", NewsJson.Default.String)).Found);
        await stop.CancelAsync();
        await watching.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task Whoever_asks_a_log_for_the_first_time_is_told_that_all_may_have_changed_and_then_what_has()
    {
        var told = new FakeCache();
        await using var cache = new LoggedCache(told, TimeProvider.System);
        var first = await cache.After(new Dictionary<string, long>(), TimeSpan.FromMinutes(5), default);
        Assert.Equal((true, 0), (first.MissedSome, first.Gone.Count));
        var known = new Dictionary<string, long> { ["of another host"] = 7, [first.Log] = first.Position };

        var waits = cache.After(known, TimeSpan.FromMinutes(5), default).AsTask();
        Assert.False(waits.IsCompleted);
        told.Tell(new("a", null));
        var news = await waits.WaitAsync(Eventually.Deadline);
        Assert.Equal((false, first.Log, first.Position + 1), (news.MissedSome, news.Log, news.Position));
        Assert.Equal([new("a", null)], news.Gone);

        // Asked from there on again, it is the same; and after its time there was nothing.
        Assert.Equal(news.Gone, (await cache.After(known, TimeSpan.Zero, default)).Gone);
        known[first.Log] = news.Position;
        Assert.Equal((false, 0), (await cache.After(known, TimeSpan.FromMilliseconds(20), default)) is var none ? (none.MissedSome, none.Gone.Count) : default);
    }

    [Fact]
    public async Task Whoever_has_missed_more_than_is_kept_is_told_that_all_may_have_changed()
    {
        var told = new FakeCache();
        await using var cache = new LoggedCache(told, TimeProvider.System);
        var first = await cache.After(new Dictionary<string, long>(), TimeSpan.Zero, default);
        for (var each = 0; each <= CacheLog.NewsMax; each++)
        {
            told.Tell(new($"{each}", null));
        }

        var late = new Dictionary<string, long> { [first.Log] = first.Position };
        await Eventually.True(async () => (await cache.After(late, TimeSpan.Zero, default)).Position == CacheLog.NewsMax + 1);
        Assert.True((await cache.After(late, TimeSpan.Zero, default)).MissedSome);
        late[first.Log] = 2;
        Assert.Equal(CacheLog.NewsMax - 1, (await cache.After(late, TimeSpan.Zero, default)).Gone.Count);
    }

    [Fact]
    public async Task When_a_cache_cannot_be_watched_any_more_those_who_wait_hear_it_and_it_is_watched_anew()
    {
        var told = new FakeCache();
        await using var cache = new LoggedCache(told, TimeProvider.System);
        var first = await cache.After(new Dictionary<string, long>(), TimeSpan.Zero, default);
        var known = new Dictionary<string, long> { [first.Log] = first.Position };
        var waits = cache.After(known, TimeSpan.FromMinutes(5), default).AsTask();

        told.Break();

        var error = await Assert.ThrowsAsync<FuryException>(() => waits.WaitAsync(Eventually.Deadline));
        Assert.Equal((FuryErrorCode.Unavailable, true), (error.Code, error.IsTransient));
        var again = await cache.After(known, TimeSpan.FromMinutes(5), default);
        Assert.True(again.MissedSome);
        Assert.NotEqual(first.Log, again.Log);
    }

    [Fact]
    public async Task When_a_cache_begins_to_be_watched_later_than_was_asked_all_may_have_changed_until_then()
    {
        var told = new FakeCache { Listens = new TaskCompletionSource() };
        await using var cache = new LoggedCache(told, TimeProvider.System);
        var first = await cache.After(new Dictionary<string, long>(), TimeSpan.Zero, default);
        var waits = cache.After(new Dictionary<string, long> { [first.Log] = first.Position }, TimeSpan.FromMinutes(5), default).AsTask();
        Assert.False(waits.IsCompleted);

        told.Listens.SetResult();

        var news = await waits.WaitAsync(Eventually.Deadline);
        Assert.Equal((false, first.Position + 1), (news.MissedSome, news.Position));
        Assert.Equal([default], news.Gone);
    }

    [Fact]
    public async Task Subscriptions_of_one_service_with_other_filters_are_others_and_they_are_few()
    {
        host.Bind(ServiceKind.Queue, "filtered", 1, "local");
        for (var each = 0; each < OpenServices.FiltersMax; each++)
        {
            await OpenFiltered($"{each}");
        }

        await OpenFiltered("0");
        var error = await Assert.ThrowsAsync<FuryException>(() => OpenFiltered("one too many"));
        Assert.Equal((FuryErrorCode.Throttled, true), (error.Code, error.RetryAfter > TimeSpan.Zero));
        await host.Services.Close(TimeSpan.Zero);
        await OpenFiltered("one too many");
    }

    private static Task<FuryCache> Cache(GatewayApp app) => app.Open(ServiceKind.Cache, "pages", fury => fury.Cache("pages"));

    private async Task OpenFiltered(string country)
    {
        var context = new DriverContext("filtered", new(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", "filtered"), TimeProvider.System)
        {
            Epoch = 1,
            Filter = new Dictionary<string, string> { ["country"] = country },
        };
        await host.Drivers().Single(each => each.Kind == ServiceKind.Queue).OpenAsync(context, default);
    }

    /// <summary>A cache of which only the news are there.</summary>
    private sealed class FakeCache : ICacheDriver
    {
        private Channel<CacheInvalidation> _news = Channel.CreateUnbounded<CacheInvalidation>();

        public string Provider => "fake";

        /// <summary>Done when it begins to listen; null: it does so when it is asked.</summary>
        public TaskCompletionSource? Listens { get; init; }

        public CapabilitySet Declared => CapabilitySet.Empty;

        public void Tell(CacheInvalidation gone) => _news.Writer.TryWrite(gone);

        public void Break()
        {
            var broken = _news;
            _news = Channel.CreateUnbounded<CacheInvalidation>();
            broken.Writer.Complete(new FuryException(FuryErrorCode.Unavailable, "It broke.") { IsTransient = true });
        }

        public async IAsyncEnumerable<CacheInvalidation> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            if (Listens is { } listens)
            {
                await listens.Task.WaitAsync(cancellation);
                yield return default;
            }

            await foreach (var each in _news.Reader.ReadAllAsync(cancellation))
            {
                yield return each;
            }
        }

        public ValueTask ProbeAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask SetAsync(
            string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask RemoveAsync(string key, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class NewsJson : System.Text.Json.Serialization.JsonSerializerContext;
