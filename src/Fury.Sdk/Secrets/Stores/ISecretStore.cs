using Fury.Sdk.Drivers;

namespace Fury.Sdk.Secrets.Stores;

/// <param name="Next">Where the next page begins; null when there is none.</param>
internal readonly record struct SecretIdPage(IEnumerable<string> Ids, string? Next);

/// <summary>The few calls in which the managers of secrets of the clouds differ. Ids are names as the manager takes them.</summary>
internal interface ISecretStore : IDisposable
{
    /// <summary>The newest when no version is named; null when there is none, and for what can be no version.</summary>
    ValueTask<SecretVersion?> Read(string id, string? version, CancellationToken cancellation);

    /// <summary>Makes the secret too, when it is its first version.</summary>
    ValueTask<string> Add(string id, ReadOnlyMemory<byte> value, CancellationToken cancellation);

    /// <summary>Ids that begin so, at least, in any order.</summary>
    /// <param name="from">Where the page before ended; null: from the start.</param>
    ValueTask<SecretIdPage> List(string prefix, string? from, CancellationToken cancellation);

    FuryException Translate(Exception error);
}
