using Fury.Sdk.Drivers;

namespace Fury.Sdk.Etcd;

/// <summary>etcd 3.4 or newer over its JSON gateway: locks, sequences, configuration, and key-value for small stores.</summary>
public static class EtcdProvider
{
    /// <summary>As it is named in bindings, whose endpoint is like <c>http://10.0.0.7:2379</c> and whose resource is a prefix of keys.</summary>
    public const string Name = EtcdDriver.Name;

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        Of(ServiceKind.KeyValue, context => new EtcdKeyValue(context)),
        Of(ServiceKind.Configuration, context => new EtcdConfiguration(context)),
        Of(ServiceKind.Locks, context => new EtcdLocks(context)),
        Of(ServiceKind.Sequences, context => new EtcdSequences(context)),
    ];

    private static DriverFactory Of(ServiceKind kind, Func<DriverContext, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(make(context)));
}
