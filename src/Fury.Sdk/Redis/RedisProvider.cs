using Fury.Sdk.Drivers;

namespace Fury.Sdk.Redis;

/// <summary>Redis 6.2 or newer, one primary: key-value, queues, topics, streams, cache, locks and sequences.</summary>
public static class RedisProvider
{
    /// <summary>As it is named in bindings, whose endpoint is like <c>redis://10.0.0.7:6379</c> and whose resource is a prefix of keys.</summary>
    public const string Name = RedisDriver.Name;

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        Of(ServiceKind.KeyValue, context => new RedisKeyValue(context)),
        Of(ServiceKind.Queue, context => new RedisQueue(context)),
        Of(ServiceKind.Topic, context => new RedisTopic(context)),
        Of(ServiceKind.Stream, context => new RedisStream(context)),
        Of(ServiceKind.Cache, context => new RedisCache(context)),
        Of(ServiceKind.Locks, context => new RedisLocks(context)),
        Of(ServiceKind.Sequences, context => new RedisSequences(context)),
    ];

    private static DriverFactory Of(ServiceKind kind, Func<DriverContext, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(make(context)));
}
