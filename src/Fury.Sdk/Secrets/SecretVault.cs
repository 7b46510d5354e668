using System.Text;

namespace Fury.Sdk.Secrets;

public static class SecretCapabilities
{
    /// <summary>Encrypts with keys that never leave the provider.</summary>
    public static Capability Encrypt { get; } = new("secrets.encrypt");
    public static Capability Write { get; } = new("secrets.write");
}

/// <summary>One version of a secret. Nothing but <see cref="Reveal"/> shows it.</summary>
public sealed class Secret(string name, string version, ReadOnlyMemory<byte> value, DateTimeOffset createdAt)
{
    public string Name { get; } = name;

    public string Version { get; } = version;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public ReadOnlyMemory<byte> Reveal() => value;

    public string RevealText() => Encoding.UTF8.GetString(value.Span);

    public override string ToString() => $"Secret({Name}@{Version}, hidden)";
}

/// <summary>Secrets with versions that never change.</summary>
public abstract class SecretVault(string name) : FuryService(name)
{
    /// <summary>The newest version, or the named one; null when there is none.</summary>
    public abstract ValueTask<Secret?> GetAsync(string secretName, string? version = null, CancellationToken cancellationToken = default);

    /// <summary>The newest version, then each that comes after it, until cancelled.</summary>
    public abstract IAsyncEnumerable<Secret> WatchAsync(string secretName, CancellationToken cancellationToken = default);

    public abstract Paged<string> ListNames();

    /// <summary>Gives the name of the new version. At most 64 KiB.</summary>
    public abstract Task<string> AddVersionAsync(string secretName, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default);

    /// <summary>At most 64 KiB. The associated data must be the same to decrypt.</summary>
    public abstract ValueTask<byte[]> EncryptAsync(
        string keyName, ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> associatedData = default, CancellationToken cancellationToken = default);

    /// <summary>Throws <see cref="FuryErrorCode.Corrupted"/> for what was not encrypted here, or with other associated data.</summary>
    public abstract ValueTask<byte[]> DecryptAsync(
        string keyName, ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> associatedData = default, CancellationToken cancellationToken = default);
}
