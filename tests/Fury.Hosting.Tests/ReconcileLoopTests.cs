using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Fury.Hosting.Tests;

public sealed class ReconcileLoopTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>One at the start, one when a host begins to listen to the others (some may have called before), one because of a wake.</summary>
    private const int PassesOnceWoken = 3;

    /// <summary>A lease of a second goes over to the other host where the machine is busy with other tests.</summary>
    private static readonly TimeSpan Unshaken = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_wake_asks_for_a_pass_at_once_and_passes_never_overlap()
    {
        var probe = new Probe { Period = TimeSpan.FromHours(1) };
        await using var host = await Start(probe);
        await Eventually.True(() => probe.Passes >= 1);

        await Eventually.True(() =>
        {
            Parallel.For(0, 100, _ => host.GetRequiredService<IWake>().Reconciler(probe.Name));
            return probe.Passes >= PassesOnceWoken;
        });
        Assert.Equal(1, probe.TogetherMax);
        await Stop(host);
    }

    [Fact]
    public async Task A_period_without_a_wake_brings_a_pass()
    {
        var probe = new Probe { Period = TimeSpan.FromMilliseconds(50) };
        await using var host = await Start(probe);
        await Eventually.True(() => probe.Passes >= 3);
        await Stop(host);
    }

    [Fact]
    public async Task A_failed_pass_is_kept_and_the_next_comes_with_backoff()
    {
        var probe = new Probe { Period = TimeSpan.FromHours(1), FailuresLeft = 2 };
        await using var host = await Start(probe);
        var passes = host.GetRequiredService<IReconcilePasses>();
        await Eventually.True(() => passes.Last.Any(pass => pass is { Error: "Not now.", FailuresInRow: > 0 }));
        await Eventually.True(() => passes.Last.Any(pass => pass is { Error: null, FailuresInRow: 0, Took: not null }));
        Assert.True(probe.Passes >= 3);
        await Stop(host);
    }

    [Fact]
    public async Task Once_per_platform_means_one_host_with_a_growing_fence_and_the_other_takes_over()
    {
        var here = new Probe { Name = "once", OncePerPlatform = true, Period = TimeSpan.FromMilliseconds(20) };
        var there = new Probe { Name = "once", OncePerPlatform = true, Period = TimeSpan.FromMilliseconds(20) };
        await using var first = await Start(here, Unshaken);
        await Eventually.True(() => here.Passes >= 1);
        await using var second = await Start(there, Unshaken);
        await Eventually.True(() => here.Passes >= 5);
        Assert.Equal(0, there.Passes);
        Assert.True(here.Fence > 0);

        await Stop(first);
        await Eventually.True(() => there.Passes >= 1);
        Assert.True(there.Fence > here.Fence);
        await Stop(second);
    }

    [Fact]
    public async Task A_wake_on_one_host_reaches_the_one_that_holds_the_lease()
    {
        var here = new Probe { Name = "far", OncePerPlatform = true, Period = TimeSpan.FromHours(1) };
        await using var first = await Start(here, Unshaken);
        await Eventually.True(() => here.Passes >= 1);
        await using var second = await Start(new Probe { Name = "far", OncePerPlatform = true, Period = TimeSpan.FromHours(1) }, Unshaken);

        // The first may still be about to listen, so the wake is repeated until it is heard.
        await Eventually.True(() =>
        {
            second.GetRequiredService<IWake>().Reconciler("far");
            return here.Passes >= PassesOnceWoken;
        });
        await Stop(second);
        await Stop(first);
    }

    [Theory]
    [InlineData(1, 60_000, 100)]
    [InlineData(3, 60_000, 400)]
    [InlineData(500, 600_000, 30_000)]
    [InlineData(9, 2_000, 2_000)]
    [InlineData(9, 1, 100)]
    public void Backoff_doubles_up_to_the_period_and_a_bound(int failures, int periodMilliseconds, int expectedMilliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(expectedMilliseconds), ReconcileLoop.Backoff(failures, TimeSpan.FromMilliseconds(periodMilliseconds)));

    private async Task<ServiceProvider> Start(Probe probe, TimeSpan? lease = null)
    {
        var host = database.BuildServices(services =>
        {
            services.AddSingleton<IReconciler>(probe);
            services.Replace(ServiceDescriptor.Singleton(new LeaseOptions(lease ?? TimeSpan.FromSeconds(1))));
        });
        foreach (var hosted in Background(host))
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        return host;
    }

    private static async Task Stop(ServiceProvider host)
    {
        foreach (var hosted in Background(host))
        {
            await hosted.StopAsync(CancellationToken.None);
        }
    }

    private static IEnumerable<IHostedService> Background(ServiceProvider host) =>
        host.GetServices<IHostedService>().Where(hosted => hosted is ReconcileLoop or WakeWire);

    private sealed class Probe : IReconciler
    {
        private int _together;
        private int _passes;

        public string Name { get; init; } = $"probe-{Guid.NewGuid():n}";

        public TimeSpan Period { get; init; }

        public bool OncePerPlatform { get; init; }

        public int FailuresLeft { get; set; }

        public int Passes => Volatile.Read(ref _passes);

        public int TogetherMax { get; private set; }

        public long Fence { get; private set; }

        public async Task Pass(long fence, CancellationToken cancellation)
        {
            TogetherMax = Math.Max(TogetherMax, Interlocked.Increment(ref _together));
            Fence = fence;
            await Task.Yield();
            Interlocked.Decrement(ref _together);
            Interlocked.Increment(ref _passes);
            if (FailuresLeft > 0)
            {
                FailuresLeft--;
                throw new InvalidOperationException("Not now.");
            }
        }
    }
}
