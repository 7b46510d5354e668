using Fury.Sdk.Bindings;
using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Conformance;

/// <summary>One run of one test: opens services on fresh resources, through the portable layer, with a fault script between it and the driver.</summary>
public sealed class ConformanceRun : IAsyncDisposable
{
    private static long _runs;

    private readonly ConformanceTarget _target;
    private readonly ConformanceTest _test;
    private readonly string _prefix;
    private readonly List<FuryRuntime> _runtimes = [];

    internal ConformanceRun(ConformanceTarget target, ConformanceTest test)
    {
        (_target, _test) = (target, test);
        // Unique on a server that outlives the process.
        _prefix = $"c{target.Clock.GetUtcNow().ToUnixTimeMilliseconds() % 1_000_000_000}-{Environment.ProcessId}-{Interlocked.Increment(ref _runs)}";
    }

    public FaultScript Faults { get; } = new();

    public TimeProvider Clock => _target.Clock;

    /// <summary>So many of these random sequences are to be tried.</summary>
    internal int Share(int sequences) => Math.Max(1, (int)(sequences * Math.Clamp(_target.ModelShare, 0, 1)));

    public Task Advance(TimeSpan by) => _target.AdvanceAsync(by);

    public Task<ObjectBucket> Objects() => Open(ServiceKind.Objects, (fury, name) => fury.Objects(name));

    public Task<KeyValueStore> KeyValue() => Open(ServiceKind.KeyValue, (fury, name) => fury.KeyValue(name));

    public Task<MessageQueue> Queue(QueueOptions? options = null) => Open(ServiceKind.Queue, (fury, name) => fury.Queue(name), options: options);

    public Task<LockService> Locks(long epoch = 1) => Open(ServiceKind.Locks, (fury, name) => fury.Locks(name), epoch: epoch);

    public Task<SequenceService> Sequences() => Open(ServiceKind.Sequences, (fury, name) => fury.Sequences(name));

    /// <summary>A handle on a resource of this run.</summary>
    /// <param name="resource">The same gives the same resource to several handles, as to several instances of an application.</param>
    /// <param name="without">Capabilities that the binding does not attest.</param>
    internal async Task<THandle> Open<THandle>(
        ServiceKind kind, Func<IFury, string, THandle> handle, string resource = "main", QueueOptions? options = null, long epoch = 1,
        Capability[]? without = null)
    {
        var service = await Declare(kind, resource, options);
        var (runtime, need, channel) = service;
        await Bind(channel, need, resource, epoch, without);
        return handle(runtime, need.Name);
    }

    /// <summary>The pieces of a handle, for tests that bind and switch by themselves.</summary>
    internal Task<(FuryRuntime Runtime, ServiceNeed Need, IServiceChannel Channel)> Declare(
        ServiceKind kind, string resource, QueueOptions? options = null)
    {
        var need = new ServiceNeed(kind, resource) { Queue = options ?? new QueueOptions() };
        var runtime = new FuryRuntime(Clock);
        runtime.Add(need, null);
        _runtimes.Add(runtime);
        return Task.FromResult((runtime, need, runtime.Find(kind, resource)!.Channel));
    }

    internal async Task<Task> Bind(IServiceChannel channel, ServiceNeed need, string resource, long epoch, Capability[]? without = null)
    {
        var declared = _target.Attested(need.Kind) ?? await Declared(need.Kind);
        var slash = resource.Contains('/') ? resource[resource.IndexOf('/')..] : "";
        var route = _target.Route(need.Kind, $"{_prefix}-{resource.Split('/')[0]}{slash}");
        var binding = new ServiceBinding(need.Name, need.Kind, epoch, route)
        {
            Attested = without is null ? declared : declared.Without(without),
            Policy = new CallPolicy
            {
                FirstRetryDelay = TimeSpan.FromMilliseconds(1),
                AttemptTimeout = _target.Patience,
                TotalTimeout = 2 * _target.Patience,
            },
        };
        return await new Binder(Factories(), Clock, TimeSpan.FromSeconds(30)).Bind(channel, need, binding, CancellationToken.None);
    }

    internal Task<CapabilitySet> Declared() => Declared(_test.Kind);

    internal async Task<IReadOnlyList<Capability>> Missing() =>
        _target.Factories.All(factory => factory.Kind != _test.Kind)
            ? [new Capability($"a driver for {_test.Kind}")]
            : (_target.Attested(_test.Kind) ?? await Declared()).Missing(_test.Requires);

    public async ValueTask DisposeAsync()
    {
        foreach (var runtime in _runtimes)
        {
            await runtime.DisposeAsync();
        }
    }

    private async Task<CapabilitySet> Declared(ServiceKind kind)
    {
        var factory = _target.Factories.Single(each => each.Kind == kind);
        await using var driver = await factory.OpenAsync(
            new DriverContext("probe", _target.Route(kind, _prefix + "-declared"), Clock), CancellationToken.None);
        return driver.Declared;
    }

    private IEnumerable<IDriverFactory> Factories() => _target.Factories.Select(factory => new DriverFactory(
        factory.Kind,
        factory.Provider,
        async (context, cancellation) =>
            InterceptedDriver.Wrap(await factory.OpenAsync(context, cancellation), context.Service, Faults.Intercept)));
}
