namespace Fury.Sdk.Drivers.RabbitMq;

/// <summary>
/// RabbitMQ 3.10 or newer: queues as quorum queues, topics as exchanges, which the first binding makes. The resource of a binding is the queue's name;
/// its dead letters are in <c>NAME.dead</c>.
/// </summary>
/// <param name="endpoint">For a binding's route, like <c>amqp://user:password@10.0.0.7:5672/host</c>; nobody logs it.</param>
public sealed class RabbitMqProvider(Func<DriverContext, Uri> endpoint)
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "rabbitmq";

    public IReadOnlyList<IDriverFactory> Factories =>
    [
        Of(ServiceKind.Queue, (context, uri) => new RabbitMqQueue(context, uri)),
        Of(ServiceKind.Topic, (context, uri) => new RabbitMqTopic(context, uri)),
    ];

    private DriverFactory Of(ServiceKind kind, Func<DriverContext, Uri, IDriver> make) =>
        new(kind, Name, (context, _) => ValueTask.FromResult(make(context, endpoint(context))));
}
