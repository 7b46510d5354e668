using System.Runtime.CompilerServices;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Secrets;

internal sealed class PortableSecretVault : SecretVault
{
    private const int ValueBytesMax = 64 * 1024;
    private const int NameBytesMax = 256;

    private static readonly Operation Get = new("get", Effect.Read) { CanBeHedged = true };
    private static readonly Operation Add = new("add-version", Effect.Once);
    private static readonly Operation ListPage = new("list", Effect.Read);
    private static readonly Operation Encrypt = new("encrypt", Effect.Idempotent);
    private static readonly Operation Decrypt = new("decrypt", Effect.Read);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(10);

    private readonly ServiceChannel<ISecretDriver> _channel;

    public PortableSecretVault(ServiceChannel<ISecretDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    public override async ValueTask<Secret?> GetAsync(string secretName, string? version = null, CancellationToken cancellationToken = default)
    {
        Check.Key("secretName", secretName, NameBytesMax);
        if (version is not null)
        {
            Check.Key("version", version, NameBytesMax);
        }

        var found = await _channel.Invoke(
            Get,
            null,
            (secretName, version),
            static (driver, _, state, stop) => driver.GetAsync(state.secretName, state.version, stop),
            cancellationToken);
        return found is null ? null : new Secret(secretName, found.Version, found.Value, found.CreatedAt);
    }

    public override async IAsyncEnumerable<Secret> WatchAsync(
        string secretName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? last = null;
        while (true)
        {
            if (await LookQuietly(secretName, cancellationToken) is { } secret && secret.Version != last)
            {
                last = secret.Version;
                yield return secret;
            }

            await Task.Delay(LookPeriod, _channel.Clock, cancellationToken);
        }
    }

    public override Paged<string> ListNames() => new CursorPaged<string>(async (after, limit, stop) =>
    {
        var names = await _channel.Invoke(
            ListPage, null, (after, limit), static (driver, _, state, token) => driver.ListAsync(state.after, state.limit, token), stop);
        return new Slice<string>(names, names.Count < limit ? null : names[^1]);
    });

    public override async Task<string> AddVersionAsync(
        string secretName, ReadOnlyMemory<byte> value, CancellationToken cancellationToken = default)
    {
        Check.Key("secretName", secretName, NameBytesMax);
        Size("The secret", value);
        _channel.Require(SecretCapabilities.Write, "Adding a version");
        return await _channel.Invoke(
            Add, null, (secretName, value), static (driver, _, state, stop) => driver.AddVersionAsync(state.secretName, state.value, stop),
            cancellationToken);
    }

    public override ValueTask<byte[]> EncryptAsync(
        string keyName, ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> associatedData = default,
        CancellationToken cancellationToken = default)
    {
        Check.Key("keyName", keyName, NameBytesMax);
        Size("The plaintext", plaintext);
        Size("The associated data", associatedData);
        _channel.Require(SecretCapabilities.Encrypt, "Encrypting");
        return _channel.Invoke(
            Encrypt,
            null,
            (keyName, plaintext, associatedData),
            static (driver, _, state, stop) => driver.EncryptAsync(state.keyName, state.plaintext, state.associatedData, stop),
            cancellationToken);
    }

    public override async ValueTask<byte[]> DecryptAsync(
        string keyName, ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> associatedData = default,
        CancellationToken cancellationToken = default)
    {
        Check.Key("keyName", keyName, NameBytesMax);
        Check.Size("The ciphertext", ciphertext.Length, ValueBytesMax + 1024, "It is not of this service.");
        _channel.Require(SecretCapabilities.Encrypt, "Decrypting");
        return await _channel.Invoke(
            Decrypt,
            null,
            (keyName, ciphertext, associatedData),
            static (driver, _, state, stop) => driver.DecryptAsync(state.keyName, state.ciphertext, state.associatedData, stop),
            cancellationToken) ?? throw new FuryException(
                FuryErrorCode.Corrupted, "This was not encrypted with this key and this associated data, or was changed since.");
    }

    private static void Size(string field, ReadOnlyMemory<byte> value) =>
        Check.Size(field, value.Length, ValueBytesMax, "Encrypt a key, and with that key what is larger.");

    /// <summary>Who watches goes on while the provider is away.</summary>
    private async ValueTask<Secret?> LookQuietly(string secretName, CancellationToken cancellation)
    {
        try
        {
            return await GetAsync(secretName, null, cancellation);
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            return null;
        }
    }
}
