using System.Net;
using System.Xml;
using System.Xml.Linq;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.S3;

/// <summary>Sends signed requests to one bucket.</summary>
internal sealed class S3Client : IDisposable
{
    public const string Display = "S3";

    private readonly HttpMessageInvoker _http = HttpConnections.Open();
    private readonly EnvironmentCredential _credential;
    private readonly TimeProvider _clock;
    private readonly string _region;
    private readonly string _origin;
    private readonly string _bucketPath;
    private readonly bool _isEncrypted;

    public S3Client(DriverContext context)
    {
        var route = context.Route;
        Dialect = S3Dialect.Of(context);
        _credential = new EnvironmentCredential(context, "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY", parts: 3, optional: 1);
        _clock = context.Clock;
        _region = route.Region;
        Bucket = route.Resource;
        var endpoint = route.Endpoint ?? new Uri($"https://s3.{route.Region}.amazonaws.com");
        if (endpoint.Scheme is not ("http" or "https"))
        {
            throw Failure.Invalid($"The endpoint of '{context.Service}' is '{endpoint}'; one like https://s3.eu-central-1.amazonaws.com is right.");
        }

        _isEncrypted = endpoint.Scheme == "https";
        _origin = $"{endpoint.Scheme}://{(Dialect.VirtualHosts ? Bucket + "." : "")}{endpoint.Authority}";
        _bucketPath = Dialect.VirtualHosts ? "" : "/" + PercentEncoding.Encode(Bucket);
    }

    public S3Dialect Dialect { get; }

    public string Bucket { get; }

    private AwsCredential Credential => new(_credential[0]!, _credential[1]!, _credential[2]);

    public void Dispose() => _http.Dispose();

    /// <summary>Gives the answer when its headers are there, whatever it says.</summary>
    /// <param name="query">Not encoded.</param>
    /// <param name="headers">Those that are <c>x-amz-</c> are signed.</param>
    /// <param name="payloadHash">Null: signed where the connection does not keep it whole, if it is in memory.</param>
    public async ValueTask<HttpResponseMessage> Send(
        HttpMethod method, string? key, (string Name, string Value)[] query, IEnumerable<(string Name, string Value)> headers,
        ReadOnlyMemory<byte>? body, string? payloadHash, CancellationToken cancellation)
    {
        var (credential, now) = (Credential, _clock.GetUtcNow());
        var path = Path(key);
        var encoded = query.Select(each => (PercentEncoding.Encode(each.Name), PercentEncoding.Encode(each.Value))).ToList();
        var hash = payloadHash ?? (body is not { } bytes || bytes.IsEmpty ? SigV4.EmptyHash
            : _isEncrypted ? SigV4.Unsigned
            : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.Span)));
        var uri = new Uri($"{_origin}{path}{(encoded.Count == 0 ? "" : "?" + SigV4.Query(encoded))}", HttpConnections.AsItIs);
        using var request = new HttpRequestMessage(method, uri);
        List<(string Name, string Value)> all = [.. headers, ("x-amz-date", SigV4.Stamp(now)), ("x-amz-content-sha256", hash)];
        if (credential.SessionToken is { } token)
        {
            all.Add(("x-amz-security-token", token));
        }

        if (body is not null || (method != HttpMethod.Get && method != HttpMethod.Head))
        {
            // A write has a body, if only an empty one: what has none, the handler sends again by itself when an answer is lost.
            request.Content = new ReadOnlyMemoryContent(body ?? ReadOnlyMemory<byte>.Empty);
        }

        foreach (var (name, value) in all)
        {
            HttpConnections.Add(request, name, value);
        }

        List<(string Name, string Value)> signed =
        [
            ("host", uri.Authority),
            .. all.Where(each => each.Name.StartsWith("x-amz-", StringComparison.Ordinal)),
        ];
        var signer = new SigV4(credential, _region, "s3");
        HttpConnections.Add(request, "Authorization", signer.Authorize(method.Method, path, encoded, signed, hash, now));
        return await _http.SendAsync(request, cancellation);
    }

    /// <summary>An address for one access, which is signed here; nothing is sent.</summary>
    public Uri Presign(string method, string key, IReadOnlyDictionary<string, string> required, TimeSpan lifetime)
    {
        var (path, signer) = (Path(key), new SigV4(Credential, _region, "s3"));
        List<(string Name, string Value)> headers =
        [
            ("host", new Uri(_origin).Authority),
            .. required.Select(each => (each.Key.ToLowerInvariant(), each.Value)),
        ];
        return new Uri($"{_origin}{path}?{signer.Presign(method, path, headers, lifetime, _clock.GetUtcNow())}", HttpConnections.AsItIs);
    }

    public string CopySource(string key) => $"/{PercentEncoding.Encode(Bucket)}/{PercentEncoding.Encode(key, keepSlash: true)}";

    /// <summary>The document of an answer that may be an error although its status is 200.</summary>
    public static async ValueTask<XElement> Document(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            // Before a late answer there may be spaces, by which the connection was kept open.
            var root = XDocument.Parse(text.TrimStart()).Root!;
            return root.Name.LocalName == "Error" ? throw Explain(response, root) : root;
        }
        catch (XmlException error)
        {
            throw new FuryException(FuryErrorCode.Unknown, $"{Display} answered {(int)response.StatusCode} with what is no XML.", error)
            {
                OutcomeUnknown = true,
            };
        }
    }

    /// <summary>The provider's own word for an error, if it gave one.</summary>
    public static async ValueTask<FuryException> Error(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return Explain(response, text.TrimStart() is { Length: > 0 } xml ? XDocument.Parse(xml).Root : null);
        }
        catch (XmlException)
        {
            return Explain(response, null);
        }
    }

    private static FuryException Explain(HttpResponseMessage response, XElement? root) => HttpFailures.Answer(
        Display,
        response.IsSuccessStatusCode ? HttpStatusCode.InternalServerError : response.StatusCode,
        Text(root, "Code"),
        response.Headers.RetryAfter?.Delta,
        Text(root, "RequestId"));

    public static string? Text(XElement? parent, string name) => parent?.Elements().FirstOrDefault(each => each.Name.LocalName == name)?.Value;

    private string Path(string? key) => key is not null
        ? $"{_bucketPath}/{PercentEncoding.Encode(key, keepSlash: true)}"
        : _bucketPath.Length == 0 ? "/" : _bucketPath;
}
