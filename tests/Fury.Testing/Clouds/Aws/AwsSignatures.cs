using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fury.Testing.Aws;

/// <summary>Who signed a call, and for which service.</summary>
internal sealed record AwsCaller(AwsKeys Keys, string Region, string Service);

/// <summary>
/// Signature Version 4 as the receiving side checks it, computed anew from the secret: nothing here is shared with who signs. Refuses with each service's own
/// words.
/// </summary>
internal sealed class AwsSignatures(AwsIdentities identities, TimeProvider clock)
{
    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(5);

    /// <summary>Services differ in how they say that a session has ended.</summary>
    public static string Ended(string service) => service switch
    {
        "ec2" => "RequestExpired",
        "eks" => "ExpiredTokenException",
        _ => "ExpiredToken",
    };

    public AwsCaller Check(AwsCall call) => call.Headers.TryGetValue("authorization", out var authorization)
        ? Header(call, authorization)
        : call.Query.Contains("X-Amz-Signature=", StringComparison.Ordinal)
            ? Presigned(call)
            : throw new AwsRefusal(400, "MissingAuthenticationToken", "Request is missing Authentication Token");

    private AwsCaller Header(AwsCall call, string authorization)
    {
        const string Algorithm = "AWS4-HMAC-SHA256 ";
        if (!authorization.StartsWith(Algorithm, StringComparison.Ordinal))
        {
            throw Incomplete("Unsupported AWS 'algorithm'");
        }

        var parts = authorization[Algorithm.Length..].Split(", ").Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[^1]);
        if (!parts.Keys.Order().SequenceEqual(["Credential", "Signature", "SignedHeaders"]))
        {
            throw Incomplete("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'");
        }

        var stamp = call.Headers.GetValueOrDefault("x-amz-date") ?? throw Incomplete("Authorization header requires existence of 'X-Amz-Date'");
        var (caller, scope) = Caller(parts["Credential"], call.Headers.GetValueOrDefault("x-amz-security-token"), stamp);
        if ((Time(stamp) - clock.GetUtcNow()).Duration() > SkewMax)
        {
            throw new AwsRefusal(400, "RequestExpired", "Request has expired.");
        }

        string[] needed = caller.Keys.Token is null ? ["host", "x-amz-date"] : ["host", "x-amz-date", "x-amz-security-token"];
        Verify(call, caller, scope, stamp, parts["SignedHeaders"], needed, AwsCall.Pairs(call.Query), Hash(call.Body), parts["Signature"]);
        return caller;
    }

    private AwsCaller Presigned(AwsCall call)
    {
        var query = AwsCall.Pairs(call.Query);
        string Of(string name) => query.SingleOrDefault(pair => pair.Key == name).Value ?? throw Incomplete($"{name} is missing");

        var (stamp, ends) = (Of("X-Amz-Date"), int.Parse(Of("X-Amz-Expires"), CultureInfo.InvariantCulture));
        var token = query.SingleOrDefault(pair => pair.Key == "X-Amz-Security-Token").Value;
        var (caller, scope) = Caller(Of("X-Amz-Credential"), token, stamp);
        var now = clock.GetUtcNow();
        if (Of("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" || ends is < 1 or > 604_800 || now < Time(stamp) - SkewMax || now > Time(stamp).AddSeconds(ends))
        {
            throw new AwsRefusal(403, "SignatureDoesNotMatch", "Signature expired");
        }

        var rest = query.Where(pair => pair.Key != "X-Amz-Signature").ToList();
        Verify(call, caller, scope, stamp, Of("X-Amz-SignedHeaders"), ["host"], rest, Hash([]), Of("X-Amz-Signature"));
        return caller;
    }

    private (AwsCaller Caller, string Scope) Caller(string credential, string? token, string stamp)
    {
        if (credential.Split('/') is not [var accessKey, var day, var region, var service, "aws4_request"] || !stamp.StartsWith(day, StringComparison.Ordinal))
        {
            throw Incomplete("Credential must be key/date/region/service/aws4_request, of the request's own date");
        }

        if (identities.Find(accessKey) is not { } keys || keys.Token != token || !identities.IsTaken(keys))
        {
            throw service switch
            {
                "ec2" => new AwsRefusal(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
                "eks" => new AwsRefusal(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
                _ => new AwsRefusal(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            };
        }

        return identities.HasEnded(keys)
            ? throw new AwsRefusal(service == "ec2" ? 400 : 403, Ended(service), "The security token included in the request is expired")
            : (new(keys, region, service), $"{day}/{region}/{service}/aws4_request");
    }

    private static void Verify(
        AwsCall call,
        AwsCaller caller,
        string scope,
        string stamp,
        string signedHeaders,
        string[] needed,
        IReadOnlyList<KeyValuePair<string, string>> query,
        string bodyHash,
        string signature)
    {
        var names = signedHeaders.Split(';');
        if (!names.SequenceEqual(names.Order(StringComparer.Ordinal)) || needed.Except(names).Any() || names.Except(call.Headers.Keys).Any())
        {
            throw Incomplete($"SignedHeaders must be sorted, be there, and hold {string.Join(';', needed)}");
        }

        // Of headers that say what the call is, none may be left out: who stands between could change it.
        if (call.Headers.Keys.Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal) || name == "x-k8s-aws-id").Except(names).Any())
        {
            throw Incomplete("Every X-Amz header must be signed");
        }

        var lines = query.Select(pair => (Name: Escape(pair.Key), Value: Escape(pair.Value))).OrderBy(pair => pair.Name, StringComparer.Ordinal);
        var canonical = string.Join('\n', [
            call.Method,
            string.Join('/', call.Path.Split('/').Select(Escape)),
            string.Join('&', lines.Select(pair => $"{pair.Name}={pair.Value}")),
            .. names.Select(name => $"{name}:{string.Join(' ', call.Headers[name].Split(' ', StringSplitOptions.RemoveEmptyEntries))}"),
            "",
            signedHeaders,
            bodyHash,
        ]);
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{caller.Keys.Secret}"), (before, part) => Mac(before, part));
        var right = Convert.ToHexStringLower(Mac(key, $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}"));
        if (right != signature)
        {
            throw new AwsRefusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
        }
    }

    private static AwsRefusal Incomplete(string why) => new(400, "IncompleteSignature", why);

    private static DateTimeOffset Time(string stamp) =>
        DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Incomplete("X-Amz-Date must be in ISO-8601 basic format");

    /// <summary>Every byte but RFC 3986's unreserved ones.</summary>
    private static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(letter =>
        char.IsAsciiLetterOrDigit((char)letter) || (char)letter is '-' or '.' or '_' or '~'
            ? ((char)letter).ToString()
            : $"%{letter.ToString("X2", CultureInfo.InvariantCulture)}"));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
