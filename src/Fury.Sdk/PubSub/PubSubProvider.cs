using Fury.Sdk.Drivers;

namespace Fury.Sdk.PubSub;

/// <summary>
/// Google Cloud Pub/Sub, whose topics and subscriptions bindings make. A queue's resource is its name, which a topic and its one subscription have; a
/// subscription's is <c>TOPIC/NAME</c>, and it is called <c>TOPIC_NAME</c>; dead letters are in the same with <c>-dead</c>. The credential is like
/// <c>env:GOOGLE_CREDENTIALS</c>, a variable with the key of a service account, whose project it is; without one it is whom the machine stands for, and the
/// dialect names the project: <c>google.project</c>.
/// </summary>
public static class PubSubProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not Google's own.</summary>
    public const string Name = "pubsub";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Topic, Name, (context, _) => ValueTask.FromResult<IDriver>(new PubSubTopic(context))),
        new DriverFactory(ServiceKind.Queue, Name, (context, _) => ValueTask.FromResult<IDriver>(new PubSubQueue(context))),
    ];
}
