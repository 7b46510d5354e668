using Fury.Sdk.Drivers;
using Fury.Sdk.Sqs;

namespace Fury.Sdk.Sns;

/// <summary>
/// Topics of Amazon SNS with a queue of SQS for each subscription; bindings make them, and allow the one to write into the other. A topic's resource is its
/// name, a subscription's <c>TOPIC/NAME</c>, whose queue is <c>TOPIC_NAME</c>; other queues are as those of SQS. Topics that end with <c>.fifo</c> have
/// ordering keys. Region and credential as of <see cref="SqsProvider"/>.
/// </summary>
public static class SnsProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not AWS's own, and is that of both then.</summary>
    public const string Name = "sns";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Topic, Name, (context, _) => ValueTask.FromResult<IDriver>(new SnsTopic(context))),
        new DriverFactory(ServiceKind.Queue, Name, (context, _) => ValueTask.FromResult<IDriver>(new SnsSubscription(context))),
    ];
}
