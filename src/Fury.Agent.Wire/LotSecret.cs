using System.Security.Cryptography;
using System.Text;

namespace Fury.Agent.Wire;

/// <summary>The secret that the instances of one lot share with the platform.</summary>
public static class LotSecret
{
    public const int LotLengthMax = 64;

    /// <summary>64 hex digits; needs no store, since whoever has the key finds it again.</summary>
    /// <param name="key">The platform's own, at least 32 bytes.</param>
    public static string Of(ReadOnlySpan<byte> key, string lot) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(lot)));

    /// <summary>1 to 64 letters, digits and hyphens.</summary>
    public static bool IsLot(string? lot) =>
        lot is { Length: >= 1 and <= LotLengthMax } && lot.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');
}
