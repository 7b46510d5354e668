using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.Local;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Sdk.Testing;

public sealed class FuryTestOptions
{
    /// <summary>Time for everything; null: by hand, through <see cref="FuryTestHost.Clock"/>.</summary>
    public TimeProvider? Time { get; set; }

    /// <summary>Set: the provider does all that providers may do, by this seed. Null: it behaves.</summary>
    public int? AdversarySeed { get; set; }
}

/// <summary>
/// An application's services within the test, without a host:
/// <c>await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));</c>
/// For a whole application under test use <see cref="AddFuryTesting"/> on its services.
/// </summary>
public sealed class FuryTestHost : IAsyncDisposable
{
    private readonly FuryRuntime _runtime;
    private readonly BindingLoop _loop;

    private FuryTestHost(FuryRuntime runtime, BindingLoop loop, ManualTimeProvider? clock, FaultScript faults, LocalProvider provider)
    {
        (_runtime, _loop, Faults, Provider) = (runtime, loop, faults, provider);
        Clock = clock ?? new ManualTimeProvider();
    }

    /// <summary>The services by their names.</summary>
    public IFury Services => _runtime;

    public ManualTimeProvider Clock { get; }

    public FaultScript Faults { get; }

    /// <summary>To set what an operator would, e.g. the configuration.</summary>
    public LocalProvider Provider { get; }

    public static async Task<FuryTestHost> StartAsync(Action<FuryBuilder> declare, FuryTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(declare);
        var clock = options?.Time is null ? new ManualTimeProvider() : null;
        var time = clock ?? options!.Time!;
        var builder = new FuryBuilder(new ServiceCollection());
        declare(builder);
        var runtime = builder.Build(time);
        var faults = new FaultScript();
        var provider = new LocalProvider(time);
        var hosting = new FuryOptions();
        var loop = new BindingLoop(
            runtime, new Binder(Factories(provider, faults, options?.AdversarySeed), time, hosting.DrainTimeout), new TestBindings(), hosting, time);
        await loop.StartAsync(CancellationToken.None);
        return new FuryTestHost(runtime, loop, clock, faults, provider);
    }

    /// <summary>
    /// Puts an application's declared services under the test: register it after <c>AddFury</c>. The faults are the script's, and the clock is
    /// whatever <see cref="TimeProvider"/> the application has.
    /// </summary>
    public static void AddFuryTesting(IServiceCollection services, FaultScript faults, int? adversarySeed = null)
    {
        foreach (var kind in Enum.GetValues<ServiceKind>())
        {
            services.AddSingleton<IDriverFactory>(provider =>
                Factories(provider.GetRequiredService<LocalProvider>(), faults, adversarySeed).Single(each => each.Kind == kind));
        }

        services.AddSingleton<IBindingSource, TestBindings>();
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.StopAsync(CancellationToken.None);
        _loop.Dispose();
        await _runtime.DisposeAsync();
    }

    private static IEnumerable<IDriverFactory> Factories(LocalProvider provider, FaultScript faults, int? adversarySeed)
    {
        var adversary = adversarySeed is { } seed ? new Adversary(seed) : null;
        return provider.Factories.Select(factory => new DriverFactory(factory.Kind, factory.Provider, async (context, cancellation) =>
        {
            var driver = await factory.OpenAsync(context, cancellation);
            return InterceptedDriver.Wrap(
                adversary is null ? driver : InterceptedDriver.Wrap(driver, context.Service, adversary.Intercept), context.Service, faults.Intercept);
        }));
    }

    /// <summary>As without a platform, but nothing waits before it is tried again, since time may stand still.</summary>
    private sealed class TestBindings : IBindingSource
    {
        private readonly LocalBindingSource _inner = new();

        public async IAsyncEnumerable<ServiceBinding> WatchAsync(
            IReadOnlyList<ServiceNeed> needs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var binding in _inner.WatchAsync(needs, cancellation))
            {
                yield return binding with { Policy = new CallPolicy { FirstRetryDelay = TimeSpan.Zero } };
            }
        }
    }
}
