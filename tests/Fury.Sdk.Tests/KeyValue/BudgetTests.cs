using Fury.Sdk.Bindings;
using Fury.Sdk.Hosting;
using Fury.Sdk.Local;

namespace Fury.Sdk.Tests.KeyValue;

/// <summary>What a get may cost in memory; <c>./dev bench sdk</c> measures the time.</summary>
public sealed class BudgetTests
{
    private const int Calls = 20_000;

    [Fact]
    public async Task A_get_allocates_at_most_a_kibibyte()
    {
        var need = new ServiceNeed(ServiceKind.KeyValue, "carts");
        var runtime = new FuryRuntime(TimeProvider.System);
        runtime.Add(need, null);
        var route = new ServiceRoute(LocalProvider.Name, "local", null, "local", "carts");
        await new Binder(new LocalProvider(TimeProvider.System).Factories, TimeProvider.System, TimeSpan.FromSeconds(1)).Bind(
            runtime.Find(ServiceKind.KeyValue, "carts")!.Channel, need, new ServiceBinding("carts", ServiceKind.KeyValue, 1, route), default);
        var store = runtime.KeyValue("carts");
        await store.SetAsync("a", new byte[100]);

        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            // All of it is answered at once, so it stays on this thread.
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < Calls; call++)
            {
                _ = store.GetAsync("a").AsTask().IsCompletedSuccessfully ? 0 : throw new InvalidOperationException("It waited.");
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        Assert.True(least <= 1024, $"{least} bytes");
    }
}
