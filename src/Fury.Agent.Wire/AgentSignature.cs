using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.Agent.Wire;

/// <summary>What is signed of a request.</summary>
/// <param name="Target">Path and query as they are on the wire.</param>
public readonly record struct SignedRequest(string Method, string Target, ReadOnlyMemory<byte> Body = default);

/// <summary>
/// Proves that who asks knows the secret of a lot, which never crosses the wire: HMAC-SHA256 over the lot, the method, the target, the time and the
/// SHA-256 of the body. The header is <c>lot=NAME;at=UNIX-SECONDS;hmac=HEX</c>. Good for <see cref="Tolerance"/>, in which it can be said again: what is
/// asked by it is either reading, or a report whose number counts once.
/// </summary>
public sealed partial record AgentSignature(string Lot, long At, string Hmac)
{
    public const string Header = "Fury-Signature";

    /// <summary>How far the clocks of both may be apart, with the time that the request takes.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(60);

    public static AgentSignature Of(string secret, string lot, SignedRequest request, DateTimeOffset now)
    {
        var at = now.ToUnixTimeSeconds();
        return new(lot, at, Convert.ToHexStringLower(Code(secret, lot, at, request)));
    }

    /// <summary>Null for what is no such header.</summary>
    public static AgentSignature? Parse(string? header) =>
        header is not null && Form().Match(header) is { Success: true, Groups: var groups }
            ? new(groups["lot"].Value, long.Parse(groups["at"].ValueSpan, CultureInfo.InvariantCulture), groups["hmac"].Value)
            : null;

    /// <summary>Signs a request that is about to be sent.</summary>
    public static void Add(HttpRequestMessage message, string secret, string lot, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var signature = Of(secret, lot, new(message.Method.Method, message.RequestUri!.PathAndQuery, body), now);
        message.Headers.TryAddWithoutValidation(Header, signature.ToString());
    }

    /// <summary>Why a request is not taken, or null. Says nothing of what would have been right beyond what everybody may know.</summary>
    public static Fault? Problem(string? header, Func<string, string?> secretOf, SignedRequest request, DateTimeOffset now)
    {
        if (Parse(header) is not { } signature)
        {
            return Refused($"This needs the header {Header}, signed with the secret of the lot (docs/agent.md).");
        }

        var apart = Math.Abs(now.ToUnixTimeSeconds() - signature.At);
        if (apart > Tolerance.TotalSeconds)
        {
            return Refused(
                $"The signature's time is {apart} s away from the time here; at most {Tolerance.TotalSeconds} s. Is the clock of the instance right?");
        }

        return secretOf(signature.Lot) is { } secret
            && CryptographicOperations.FixedTimeEquals(Code(secret, signature.Lot, signature.At, request), Convert.FromHexString(signature.Hmac))
                ? null
                : Refused("The signature does not fit the lot, the request and its body.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"lot={Lot};at={At};hmac={Hmac}");

    private static byte[] Code(string secret, string lot, long at, SignedRequest request)
    {
        var body = Convert.ToHexStringLower(SHA256.HashData(request.Body.Span));
        var text = string.Create(CultureInfo.InvariantCulture, $"fury-agent-1\n{lot}\n{request.Method}\n{request.Target}\n{at}\n{body}");
        return HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
    }

    private static Fault Refused(string message) => new(FaultKind.Unauthenticated, message);

    [GeneratedRegex("^lot=(?<lot>[A-Za-z0-9-]{1,64});at=(?<at>[0-9]{1,12});hmac=(?<hmac>[0-9a-f]{64})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
