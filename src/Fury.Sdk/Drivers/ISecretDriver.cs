namespace Fury.Sdk.Drivers;

public sealed record SecretVersion(string Version, ReadOnlyMemory<byte> Value, DateTimeOffset CreatedAt)
{
    public override string ToString() => $"SecretVersion({Version}, hidden)";
}

public interface ISecretDriver : IDriver
{
    /// <summary>The newest when no version is named.</summary>
    ValueTask<SecretVersion?> GetAsync(string name, string? version, CancellationToken cancellation);

    ValueTask<string> AddVersionAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellation);

    /// <summary>Names after the given one, by the bytes of UTF-8.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string? after, int limit, CancellationToken cancellation);

    ValueTask<byte[]> EncryptAsync(
        string key, ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>Null for what was not encrypted here with this associated data.</summary>
    ValueTask<byte[]?> DecryptAsync(
        string key, ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation) =>
        throw new NotSupportedException();
}

/// <param name="Sections">JSON by section, all of one version.</param>
public sealed record ConfigDocument(long Version, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Sections);

public interface IConfigurationDriver : IDriver
{
    ValueTask<ConfigDocument> GetAsync(CancellationToken cancellation);

    /// <summary>Returns when there is (or may be) a later version than this, or after so long.</summary>
    ValueTask WaitAsync(long version, TimeSpan most, CancellationToken cancellation);
}
