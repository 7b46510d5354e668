using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Secrets;

/// <summary>A secret of a scope by its name.</summary>
internal sealed record SecretRef(ScopeRef Scope, SecretName Name)
{
    public override string ToString() => $"{Scope}/{Name}";
}

/// <summary>
/// Seals values for the table: AES-256-GCM (NIST SP 800-38D) under a key of the scope, which follows from the platform's key as the tokens of its instances do.
/// Scope, name and version are authenticated with it, so a value that somebody has put into another row, or under another version, does not open.
/// </summary>
internal sealed class SecretSeal(AgentKey key)
{
    /// <summary>The first byte of what is sealed so: the form, the nonce, the tag, the ciphertext.</summary>
    private const byte Form = 1;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 1 + NonceBytes + TagBytes;

    public byte[] Seal(SecretRef secret, long version, string value)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var done = new byte[HeadBytes + plain.Length];
        done[0] = Form;
        // Of chance: one key seals the changes of one scope, which are far from the 2^32 that this allows.
        RandomNumberGenerator.Fill(done.AsSpan(1, NonceBytes));
        using var cipher = new AesGcm(KeyOf(secret.Scope), TagBytes);
        cipher.Encrypt(done.AsSpan(1, NonceBytes), plain, done.AsSpan(HeadBytes), done.AsSpan(1 + NonceBytes, TagBytes), Row(secret, version));
        return done;
    }

    /// <summary>False: it was sealed with another key, or for another row, or was changed.</summary>
    public bool TryOpen(SecretRef secret, long version, ReadOnlySpan<byte> done, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (done.Length < HeadBytes || done[0] != Form)
        {
            return false;
        }

        var plain = new byte[done.Length - HeadBytes];
        using var cipher = new AesGcm(KeyOf(secret.Scope), TagBytes);
        try
        {
            cipher.Decrypt(done.Slice(1, NonceBytes), done[HeadBytes..], done.Slice(1 + NonceBytes, TagBytes), plain, Row(secret, version));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        value = Encoding.UTF8.GetString(plain);
        return true;
    }

    private byte[] KeyOf(ScopeRef scope) => Convert.FromHexString(key.SecretOf($"secrets/{scope}"));

    private static byte[] Row(SecretRef secret, long version) => Encoding.UTF8.GetBytes($"{secret}/{version}");
}
