using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace Fury.Providers.Aws.Wire;

/// <summary>
/// Signature Version 4 (docs.aws.amazon.com, "AWS Signature Version 4 for API requests"): the canonical form of a request is made here, its signature by the
/// SDK. Pure.
/// </summary>
internal static class SigV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly string EmptyHash = Hash("");

    /// <summary>The headers that make the request a signed one, <c>Authorization</c> among them.</summary>
    /// <param name="host">As the <c>Host</c> header will say it.</param>
    public static IReadOnlyDictionary<string, string> Headers(AwsRequest request, string host, ImmutableCredentials credentials, DateTimeOffset at)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = host, ["x-amz-date"] = Stamp(at) };
        if (request.ContentType is { } type)
        {
            headers["content-type"] = type;
        }

        if (credentials.UseToken)
        {
            headers["x-amz-security-token"] = credentials.Token;
        }

        var signature = Signature(request, request.Query, headers, Hash(request.Body), credentials, at);
        headers["authorization"] =
            $"{Algorithm} Credential={credentials.AccessKey}/{Scope(request, at)}, SignedHeaders={Names(headers)}, Signature={signature}";
        return headers;
    }

    /// <summary>The query of an address that is a signed request of its own, for whoever has it, until it ends.</summary>
    /// <param name="more">Headers that whoever uses it must send too, in lower case.</param>
    public static string PresignedQuery(
        AwsRequest request, string host, IReadOnlyDictionary<string, string> more, TimeSpan ends, ImmutableCredentials credentials, DateTimeOffset at)
    {
        var headers = new SortedDictionary<string, string>(more.ToDictionary(), StringComparer.Ordinal) { ["host"] = host };
        List<KeyValuePair<string, string>> query =
        [
            .. request.Query,
            new("X-Amz-Algorithm", Algorithm),
            new("X-Amz-Credential", $"{credentials.AccessKey}/{Scope(request, at)}"),
            new("X-Amz-Date", Stamp(at)),
            new("X-Amz-Expires", ((int)ends.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            new("X-Amz-SignedHeaders", Names(headers)),
        ];
        if (credentials.UseToken)
        {
            query.Add(new("X-Amz-Security-Token", credentials.Token));
        }

        return AwsRequest.Encoded([.. query, new("X-Amz-Signature", Signature(request, query, headers, EmptyHash, credentials, at))]);
    }

    private static string Signature(
        AwsRequest request,
        IEnumerable<KeyValuePair<string, string>> query,
        SortedDictionary<string, string> headers,
        string bodyHash,
        ImmutableCredentials credentials,
        DateTimeOffset at)
    {
        var canonical = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(string.Join('/', request.Path.Split('/').Select(Uri.EscapeDataString))).Append('\n')
            .Append(AwsRequest.Encoded(query.OrderBy(field => field.Key, StringComparer.Ordinal).ThenBy(field => field.Value, StringComparer.Ordinal)))
            .Append('\n');
        foreach (var (name, value) in headers)
        {
            canonical.Append(name).Append(':').Append(value.Trim()).Append('\n');
        }

        canonical.Append('\n').Append(Names(headers)).Append('\n').Append(bodyHash);
        return AWS4Signer.ComputeSignature(credentials, request.Region, at.UtcDateTime, request.Service, Names(headers), canonical.ToString()).Signature;
    }

    private static string Scope(AwsRequest request, DateTimeOffset at) => $"{Stamp(at)[..8]}/{request.Region}/{request.Service}/aws4_request";

    private static string Names(SortedDictionary<string, string> headers) => string.Join(';', headers.Keys);

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
