using Fury.Sdk.Drivers;

namespace Fury.Sdk.Nats;

/// <summary>NATS 2.9 or newer with JetStream: key-value, queues, topics and streams, in streams that the first binding makes.</summary>
public static class NatsProvider
{
    /// <summary>As it is named in bindings, whose endpoint is like <c>nats://10.0.0.7:4222</c> and whose resource is in the streams' names.</summary>
    public const string Name = NatsDriver.Name;

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        Of(ServiceKind.KeyValue, context => new NatsKeyValue(context)),
        Of(ServiceKind.Queue, context => new NatsQueue(context)),
        Of(ServiceKind.Topic, context => new NatsTopic(context)),
        Of(ServiceKind.Stream, context => new NatsStream(context)),
    ];

    private static DriverFactory Of(ServiceKind kind, Func<DriverContext, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(make(context)));
}
