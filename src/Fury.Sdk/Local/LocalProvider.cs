using System.Collections.Concurrent;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

/// <summary>
/// All services within this process, in memory, as strict as any provider may be: order, leases, delays, deduplication, expiry, fences. What works
/// here by accident works nowhere else by accident. Whoever opens a resource of the same name sees the same things.
/// </summary>
public sealed class LocalProvider(TimeProvider clock)
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "local";

    private readonly ConcurrentDictionary<(ServiceKind Kind, string Resource), Lazy<IDriver>> _resources = new();

    /// <summary>One for each kind of service.</summary>
    public IReadOnlyList<IDriverFactory> Factories =>
    [
        Of(ServiceKind.Objects, _ => new LocalObjects(clock)),
        Of(ServiceKind.KeyValue, _ => new LocalKeyValue()),
        Of(ServiceKind.Queue, context => new LocalQueue(clock, context.Filter)),
        Of(ServiceKind.Topic, context => new LocalTopic(clock, () => Subscriptions(context.Route.Resource))),
        Of(ServiceKind.Stream, _ => new LocalStream(clock)),
        Of(ServiceKind.Cache, _ => new LocalCache(clock)),
        Of(ServiceKind.Secrets, _ => new LocalSecrets(clock)),
        Of(ServiceKind.Configuration, _ => new LocalConfiguration(clock)),
        Of(ServiceKind.Locks, _ => new LocalLocks(clock)),
        Of(ServiceKind.Sequences, _ => new LocalSequences()),
    ];

    /// <summary>Sets a section of the application's configuration, as an operator would; its version grows.</summary>
    public void Configure(string section, ReadOnlyMemory<byte> json, string resource = "app") =>
        ((LocalConfiguration)Open(ServiceKind.Configuration, resource, () => new LocalConfiguration(clock))).Set(section, json);

    private DriverFactory Of(ServiceKind kind, Func<DriverContext, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(Open(kind, context.Route.Resource, () => make(context))));

    private IDriver Open(ServiceKind kind, string resource, Func<IDriver> make) =>
        _resources.GetOrAdd((kind, resource), _ => new Lazy<IDriver>(make)).Value;

    /// <summary>The queues that are named after a topic.</summary>
    private IEnumerable<LocalQueue> Subscriptions(string topic) =>
        from each in _resources
        where each.Key.Kind == ServiceKind.Queue && each.Key.Resource.StartsWith(topic + "/", StringComparison.Ordinal)
        select (LocalQueue)each.Value.Value;
}
