using Fury.Sdk.Drivers;

namespace Fury.Sdk.Kinesis;

/// <summary>
/// Streams of Amazon Kinesis, without groups; the resource of a binding is the name of a stream that is there. A binding names its region and, as its
/// credential, environment variables: <c>env:AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY</c>, with a third where there is a session token.
/// </summary>
public static class KinesisProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not AWS's own.</summary>
    public const string Name = "kinesis";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
        [new DriverFactory(ServiceKind.Stream, Name, (context, _) => ValueTask.FromResult<IDriver>(new KinesisStream(context)))];
}
