using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Http;

namespace Fury.Sdk.Aws;

/// <summary>
/// AWS Signature Version 4: what AWS, and all that speak as it does, hold a request against. Pure: the same input gives the same signature. Paths and
/// queries are given as they are sent, encoded once, which is how S3 has it.
/// </summary>
internal sealed class SigV4(AwsCredential credential, string region, string service)
{
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>In the place of a payload's hash: the payload is not signed, the connection keeps it whole.</summary>
    public const string Unsigned = "UNSIGNED-PAYLOAD";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>As in <c>x-amz-date</c>.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="query">Names and values, encoded.</param>
    /// <param name="headers">All that are to be signed, in lower case; <c>host</c> and <c>x-amz-date</c> are among them.</param>
    /// <param name="payloadHash">SHA-256 in hex, or <see cref="Unsigned"/>.</param>
    public string Authorize(
        string method, string path, IEnumerable<(string Name, string Value)> query, IReadOnlyCollection<(string Name, string Value)> headers,
        string payloadHash, DateTimeOffset time)
    {
        var signature = Sign(Canonical(method, path, query, headers, payloadHash), time);
        return $"{Algorithm} Credential={credential.AccessKey}/{Scope(time)}, SignedHeaders={Names(headers)}, Signature={signature}";
    }

    /// <summary>The query of an address that gives whoever has it this one access.</summary>
    /// <param name="headers">What must be sent with the request, in lower case; <c>host</c> is among it.</param>
    public string Presign(
        string method, string path, IReadOnlyCollection<(string Name, string Value)> headers, TimeSpan lifetime, DateTimeOffset time)
    {
        List<(string Name, string Value)> query =
        [
            ("X-Amz-Algorithm", Algorithm),
            ("X-Amz-Credential", PercentEncoding.Encode($"{credential.AccessKey}/{Scope(time)}")),
            ("X-Amz-Date", Stamp(time)),
            ("X-Amz-Expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("X-Amz-SignedHeaders", PercentEncoding.Encode(Names(headers))),
        ];
        if (credential.SessionToken is { } token)
        {
            query.Add(("X-Amz-Security-Token", PercentEncoding.Encode(token)));
        }

        return $"{Query(query)}&X-Amz-Signature={Sign(Canonical(method, path, query, headers, Unsigned), time)}";
    }

    /// <summary>In the order in which it is signed.</summary>
    public static string Query(IEnumerable<(string Name, string Value)> query) => string.Join('&', query
        .OrderBy(each => each.Name, StringComparer.Ordinal).ThenBy(each => each.Value, StringComparer.Ordinal).Select(each => $"{each.Name}={each.Value}"));

    /// <summary>What is signed of a request, in Google's signatures too.</summary>
    public static string Canonical(
        string method, string path, IEnumerable<(string Name, string Value)> query, IReadOnlyCollection<(string Name, string Value)> headers,
        string payloadHash)
    {
        var lines = new StringBuilder().Append(method).Append('\n').Append(path).Append('\n').Append(Query(query)).Append('\n');
        foreach (var (name, value) in headers.OrderBy(each => each.Name, StringComparer.Ordinal))
        {
            lines.Append(name).Append(':').AppendJoin(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Append('\n');
        }

        return lines.Append('\n').Append(Names(headers)).Append('\n').Append(payloadHash).ToString();
    }

    public static string Names(IEnumerable<(string Name, string Value)> headers) =>
        string.Join(';', headers.Select(each => each.Name).Order(StringComparer.Ordinal));

    private static string Day(DateTimeOffset time) => Stamp(time)[..8];

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private string Scope(DateTimeOffset time) => $"{Day(time)}/{region}/{service}/aws4_request";

    private string Sign(string canonical, DateTimeOffset time)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var key = Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + credential.Secret), Day(time)), region), service), "aws4_request");
        return Convert.ToHexStringLower(Mac(key, $"{Algorithm}\n{Stamp(time)}\n{Scope(time)}\n{hash}"));
    }
}
