using Fury.Sdk.Caching;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class CacheContract
{
    private static readonly Section Cache = new(ServiceKind.Cache, ConformanceLevel.Contract);
    private static readonly CacheEntryOptions Remote = new() { LocalTimeToLive = TimeSpan.Zero };

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Cache.Core("cache: what was set is found", async run =>
        {
            var cache = await Open(run);
            True(!(await cache.TryGetAsync("a", SampleJson.Default.Sample)).Found);
            await cache.SetAsync("a", new Sample("x", 1), SampleJson.Default.Sample, Remote);
            Equal(new Sample("x", 1), (await cache.TryGetAsync("a", SampleJson.Default.Sample)).Value);
        }),
        Cache.Core("cache: it is over at its time", async run =>
        {
            var cache = await Open(run);
            await cache.SetAsync("a", new Sample("x", 1), SampleJson.Default.Sample, new CacheEntryOptions { TimeToLive = TimeSpan.FromSeconds(1) });
            await run.Advance(TimeSpan.FromSeconds(1.2));
            True(!(await cache.TryGetAsync("a", SampleJson.Default.Sample)).Found);
        }),
        Cache.Core("cache: of many callers one makes the value", async run =>
        {
            var cache = await Open(run);
            var made = 0;
            var gate = new TaskCompletionSource();
            var calls = Enumerable.Range(0, 20).Select(_ => cache.GetOrCreateAsync(
                "a",
                async _ =>
                {
                    Interlocked.Increment(ref made);
                    await gate.Task;
                    return new Sample("made", 1);
                },
                SampleJson.Default.Sample).AsTask()).ToList();
            gate.SetResult();
            foreach (var value in await Task.WhenAll(calls))
            {
                Equal(new Sample("made", 1), value);
            }

            Equal(1, made);
        }),
        Cache.Core("cache: the maker's error is its callers'", async run =>
        {
            var cache = await Open(run);
            await Fails(FuryErrorCode.QuotaExceeded, () => cache.GetOrCreateAsync<Sample>(
                "a", _ => throw new FuryException(FuryErrorCode.QuotaExceeded, "no"), SampleJson.Default.Sample).AsTask());
            Equal(2, (await cache.GetOrCreateAsync("a", _ => ValueTask.FromResult(new Sample("b", 2)), SampleJson.Default.Sample)).Number);
        }),
        Cache.Core("cache: what is stale stands in while the maker fails", async run =>
        {
            var cache = await Open(run);
            var options = new CacheEntryOptions { TimeToLive = TimeSpan.FromSeconds(1), StaleOnError = TimeSpan.FromMinutes(1) };
            await cache.SetAsync("a", new Sample("old", 1), SampleJson.Default.Sample, options);
            await run.Advance(TimeSpan.FromSeconds(1.2));
            var value = await cache.GetOrCreateAsync<Sample>(
                "a", _ => throw new FuryException(FuryErrorCode.Unavailable, "down"), SampleJson.Default.Sample, options);
            Equal("old", value.Name);
        }),
        Cache.Core("cache: a removed value is gone", async run =>
        {
            var cache = await Open(run);
            await cache.SetAsync("a", new Sample("x", 1), SampleJson.Default.Sample);
            await cache.RemoveAsync("a");
            True(!(await cache.TryGetAsync("a", SampleJson.Default.Sample)).Found);
        }),
        Cache.With(CacheCapabilities.Tags, "cache: a tag removes what carries it", async run =>
        {
            var cache = await Open(run);
            await cache.SetAsync("a", new Sample("x", 1), SampleJson.Default.Sample, tags: ["t", "u"]);
            await cache.SetAsync("b", new Sample("y", 2), SampleJson.Default.Sample, tags: ["u"]);
            await cache.RemoveByTagAsync("t");
            True(!(await cache.TryGetAsync("a", SampleJson.Default.Sample)).Found);
            True((await cache.TryGetAsync("b", SampleJson.Default.Sample)).Found);
        }),
        Cache.Core("cache: counters add up and are over at their time", async run =>
        {
            var cache = await Open(run);
            Equal(2L, await cache.IncrementAsync("n", 2, TimeSpan.FromSeconds(2)));
            Equal(5L, await cache.IncrementAsync("n", 3, TimeSpan.FromSeconds(2)));
            await run.Advance(TimeSpan.FromSeconds(2.2));
            Equal(1L, await cache.IncrementAsync("n", 1, TimeSpan.FromSeconds(2)));
        }),
        Cache.Core("cache: a provider that is away makes values anew", async run =>
        {
            var cache = await Open(run);
            run.Faults.On(operation: "GetAsync").Always().CutBeforeSend();
            True(!(await cache.TryGetAsync("a", SampleJson.Default.Sample)).Found);
        }),
    ];

    private static Task<FuryCache> Open(ConformanceRun run) => run.Open(ServiceKind.Cache, (fury, name) => fury.Cache(name));
}
