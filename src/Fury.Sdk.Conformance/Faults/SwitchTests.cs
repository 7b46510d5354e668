using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Faults;

/// <summary>What stands behind a handle is replaced while it is used.</summary>
internal static class SwitchTests
{
    private static readonly Section Kv = new(ServiceKind.KeyValue, ConformanceLevel.Platform);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Kv.Core("switch: no call fails while the provider is switched", async run =>
        {
            var (runtime, need, channel) = await run.Declare(ServiceKind.KeyValue, "live");
            await run.Bind(channel, need, "live", 1);
            var store = runtime.KeyValue("live");
            using var stop = new CancellationTokenSource();
            var calls = 0;
            var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await store.SetAsync($"k{caller}", Bytes("x"));
                    True(await store.GetAsync($"k{caller}") is not null);
                    Interlocked.Increment(ref calls);
                    await Task.Yield();
                }
            })).ToList();
            for (var epoch = 2; epoch <= 21; epoch++)
            {
                await await run.Bind(channel, need, "live", epoch);
                var seen = Volatile.Read(ref calls);
                while (Volatile.Read(ref calls) < seen + 5 && callers.TrueForAll(caller => !caller.IsFaulted))
                {
                    await Task.Yield();
                }
            }

            await stop.CancelAsync();
            await Task.WhenAll(callers);
            Equal(21L, store.Binding.Epoch);
        }),
        Kv.Core("switch: an old binding is refused", async run =>
        {
            var (_, need, channel) = await run.Declare(ServiceKind.KeyValue, "live");
            await run.Bind(channel, need, "live", 2);
            await Fails(FuryErrorCode.StaleBinding, () => run.Bind(channel, need, "live", 2));
            await Fails(FuryErrorCode.StaleBinding, () => run.Bind(channel, need, "live", 1));
            Equal(2L, channel.Binding.Epoch);
        }),
        Kv.Core("switch: a binding that lacks what is required is refused, and the old one stays", async run =>
        {
            var (runtime, need, channel) = await run.Declare(ServiceKind.KeyValue, "live");
            await run.Bind(channel, need, "live", 1);
            need.Require(new Capability("kv.no-such-thing"));
            var refused = await Fails(FuryErrorCode.CapabilityNotSupported, () => run.Bind(channel, need, "live", 2));
            True(refused.Message.Contains("kv.no-such-thing", StringComparison.Ordinal));
            await runtime.KeyValue("live").SetAsync("a", Bytes("1"));
            Equal(1L, channel.Binding.Epoch);
        }),
        Kv.Core("switch: a provider that fails its probe is refused, and the old one stays", async run =>
        {
            var (runtime, need, channel) = await run.Declare(ServiceKind.KeyValue, "live");
            await run.Bind(channel, need, "live", 1);
            run.Faults.On(operation: "ProbeAsync").CutBeforeSend();
            await Fails(FuryErrorCode.Unavailable, () => run.Bind(channel, need, "live", 2));
            await runtime.KeyValue("live").SetAsync("a", Bytes("1"));
            Equal(1L, channel.Binding.Epoch);
        }),
        Kv.Core("switch: nothing is bound before it is bound", async run =>
        {
            var (runtime, need, channel) = await run.Declare(ServiceKind.KeyValue, "live");
            await Fails(FuryErrorCode.NotBound, () => runtime.KeyValue("live").GetAsync("a").AsTask());
            var ready = runtime.KeyValue("live").WaitUntilReadyAsync();
            True(!ready.IsCompleted);
            await run.Bind(channel, need, "live", 1);
            await ready;
        }),
    ];
}
