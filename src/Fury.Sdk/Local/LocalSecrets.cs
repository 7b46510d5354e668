using System.Globalization;
using System.Security.Cryptography;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Secrets;

namespace Fury.Sdk.Local;

internal sealed class LocalSecrets(TimeProvider clock) : LocalDriver(SecretCapabilities.Encrypt, SecretCapabilities.Write), ISecretDriver
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lock _gate = new();
    private readonly SortedList<string, List<SecretVersion>> _secrets = new(Utf8Order.Instance);
    private readonly Dictionary<string, byte[]> _keys = [];

    public ValueTask<SecretVersion?> GetAsync(string name, string? version, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(
                !_secrets.TryGetValue(name, out var versions) ? null
                : version is null ? versions[^1]
                : versions.Find(each => each.Version == version));
        }
    }

    public ValueTask<string> AddVersionAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_secrets.TryGetValue(name, out var versions))
            {
                _secrets[name] = versions = [];
            }

            var version = (versions.Count + 1).ToString(CultureInfo.InvariantCulture);
            versions.Add(new SecretVersion(version, value.ToArray(), clock.GetUtcNow()));
            return ValueTask.FromResult(version);
        }
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string? after, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. _secrets.Keys.Where(name => after is null || Utf8Order.Instance.Compare(name, after) > 0).Take(limit)]);
        }
    }

    public ValueTask<byte[]> EncryptAsync(
        string key, ReadOnlyMemory<byte> plaintext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation)
    {
        var sealedBytes = new byte[NonceBytes + TagBytes + plaintext.Length];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(KeyFor(key), TagBytes);
        cipher.Encrypt(
            nonce, plaintext.Span, sealedBytes.AsSpan(NonceBytes + TagBytes), sealedBytes.AsSpan(NonceBytes, TagBytes), associatedData.Span);
        return ValueTask.FromResult(sealedBytes);
    }

    public ValueTask<byte[]?> DecryptAsync(
        string key, ReadOnlyMemory<byte> ciphertext, ReadOnlyMemory<byte> associatedData, CancellationToken cancellation)
    {
        if (ciphertext.Length < NonceBytes + TagBytes)
        {
            return ValueTask.FromResult<byte[]?>(null);
        }

        var bytes = ciphertext.Span;
        var plain = new byte[bytes.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(KeyFor(key), TagBytes);
        try
        {
            cipher.Decrypt(bytes[..NonceBytes], bytes[(NonceBytes + TagBytes)..], bytes.Slice(NonceBytes, TagBytes), plain, associatedData.Span);
            return ValueTask.FromResult<byte[]?>(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return ValueTask.FromResult<byte[]?>(null);
        }
    }

    private byte[] KeyFor(string name)
    {
        lock (_gate)
        {
            return _keys.TryGetValue(name, out var key) ? key : _keys[name] = RandomNumberGenerator.GetBytes(32);
        }
    }
}

internal sealed class LocalConfiguration(TimeProvider clock) : LocalDriver, IConfigurationDriver
{
    private readonly Pulse _pulse = new(clock);
    private volatile ConfigDocument _document = new(1, new Dictionary<string, ReadOnlyMemory<byte>>());

    public void Set(string section, ReadOnlyMemory<byte> json)
    {
        lock (_pulse)
        {
            _document = new ConfigDocument(
                _document.Version + 1, new Dictionary<string, ReadOnlyMemory<byte>>(_document.Sections) { [section] = json.ToArray() });
        }

        _pulse.Beat();
    }

    public ValueTask<ConfigDocument> GetAsync(CancellationToken cancellation) => ValueTask.FromResult(_document);

    public async ValueTask WaitAsync(long version, TimeSpan most, CancellationToken cancellation)
    {
        var next = _pulse.Next;
        if (_document.Version <= version)
        {
            await _pulse.Wait(next, most, cancellation);
        }
    }
}
