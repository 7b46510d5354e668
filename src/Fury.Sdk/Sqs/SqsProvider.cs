using Fury.Sdk.Drivers;

namespace Fury.Sdk.Sqs;

/// <summary>
/// Queues of Amazon SQS, which the first binding makes; the resource of a binding is the queue's name. One that ends with <c>.fifo</c> has ordering
/// keys. A binding names its region and, as its credential, environment variables: <c>env:AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY</c>, with a third
/// where there is a session token.
/// </summary>
public static class SqsProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not AWS's own.</summary>
    public const string Name = "sqs";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
        [new DriverFactory(ServiceKind.Queue, Name, (context, _) => ValueTask.FromResult<IDriver>(new SqsQueue(context)))];
}
