using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Fury.Access.Tokens;

/// <summary>Random text that proves something. Only its hash is kept; it is too long to be guessed from that.</summary>
internal static class Secret
{
    private const int Bytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    public static bool IsOf(byte[]? hash, string text) => hash is not null && CryptographicOperations.FixedTimeEquals(hash, Hash(text));
}
