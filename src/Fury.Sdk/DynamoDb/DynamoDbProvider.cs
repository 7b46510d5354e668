using Fury.Sdk.Drivers;

namespace Fury.Sdk.DynamoDb;

/// <summary>
/// Key-value in a table of DynamoDB, whose keys are the texts <c>p</c> and <c>s</c>. A binding names its region and, as its credential, environment
/// variables: <c>env:AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY</c>, with a third where there is a session token.
/// </summary>
public static class DynamoDbProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not AWS's own.</summary>
    public const string Name = "dynamodb";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
        [new DriverFactory(ServiceKind.KeyValue, Name, (context, _) => ValueTask.FromResult<IDriver>(new DynamoKeyValue(context)))];
}
