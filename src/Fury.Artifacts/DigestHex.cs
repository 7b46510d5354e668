namespace Fury.Artifacts;

/// <summary>Digests as they are written, <c>sha256:</c> and 64 lower-case hex digits.</summary>
internal static class DigestHex
{
    private const string Prefix = "sha256:";
    private const int Length = 64;

    /// <summary>The hex digits; null for what is no such digest.</summary>
    public static string? Of(string? digest) =>
        digest is not null && digest.StartsWith(Prefix, StringComparison.Ordinal) && digest[Prefix.Length..] is { Length: Length } hex
        && hex.All(char.IsAsciiHexDigitLower)
            ? hex
            : null;
}
