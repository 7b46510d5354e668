using Fury.Sdk.Drivers;

namespace Fury.Sdk.Gcs;

/// <summary>
/// Google Cloud Storage. A binding's resource is a bucket that is there; its credential is like <c>env:GOOGLE_CREDENTIALS</c>, a variable with the key of a
/// service account, as JSON or as the path of its file. Without a credential it is whom the machine stands for, and there are no access URLs. The parts of an
/// upload are objects <c>-parts/…</c> until it is committed; a rule of the bucket should remove what is older than a week there.
/// </summary>
public static class GcsProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not Google's own.</summary>
    public const string Name = "gcs";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
        [new DriverFactory(ServiceKind.Objects, Name, (context, _) => ValueTask.FromResult<IDriver>(new GcsObjects(new GcsClient(context), context)))];
}
