using Fury.Sdk.Drivers;

namespace Fury.Sdk.S3;

/// <summary>
/// Amazon S3, and what speaks as it does. A binding's resource is a bucket that is there; its credential is like <c>env:KEY_VARIABLE,SECRET_VARIABLE</c>,
/// with a third for a session token; without an endpoint it is Amazon in the region of the route. In its dialect, as a probe has found it out:
/// <c>s3.if-match</c> = <c>unquoted</c>, <c>s3.addressing</c> = <c>path</c> or <c>virtual</c>, and <c>s3.conditions</c> = <c>put-only</c> where
/// the conditions of copies, deletions and uploads in parts are not checked by the server: then they are looked at just before.
/// </summary>
public static class S3Provider
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "s3";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Objects, Name, (context, _) => ValueTask.FromResult<IDriver>(new S3Objects(new S3Client(context), context))),
    ];
}
