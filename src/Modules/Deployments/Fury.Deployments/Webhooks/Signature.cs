using System.Security.Cryptography;
using System.Text;

namespace Fury.Deployments.Webhooks;

internal static class Signature
{
    /// <summary><c>sha256=</c> and the HMAC-SHA256 (RFC 2104) of <c>timestamp.body</c> under the secret's bytes, in lower-case hex.</summary>
    public static string Of(Secret secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret.Value));
        hash.AppendData(Encoding.UTF8.GetBytes($"{timestamp}."));
        hash.AppendData(body);
        return $"sha256={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
