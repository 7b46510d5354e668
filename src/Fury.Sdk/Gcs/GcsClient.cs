using System.Net.Http.Headers;
using System.Text.Json;
using Fury.Sdk.Drivers;
using Fury.Sdk.Google;
using Fury.Sdk.Http;

namespace Fury.Sdk.Gcs;

/// <summary>Addresses and bodies of one bucket.</summary>
internal sealed class GcsClient : IDisposable
{
    public const string Display = "Cloud Storage";

    private readonly string _origin;
    private readonly string _bucket;

    public GcsClient(DriverContext context)
    {
        var endpoint = context.Route.Endpoint ?? new Uri("https://storage.googleapis.com");
        if (endpoint.Scheme is not ("http" or "https"))
        {
            throw Failure.Invalid($"The endpoint of '{context.Service}' is '{endpoint}'; one like https://storage.googleapis.com is right.");
        }

        Account = new GoogleAccount(context);
        Rest = new RestClient(Display, Account, context.Clock);
        (_origin, _bucket) = ($"{endpoint.Scheme}://{endpoint.Authority}", PercentEncoding.Encode(context.Route.Resource));
    }

    public RestClient Rest { get; }

    public GoogleAccount Account { get; }

    public void Dispose() => Rest.Dispose();

    /// <summary>All objects of the bucket.</summary>
    public Uri Objects(params IEnumerable<(string, string?)> query) => Address($"/storage/v1/b/{_bucket}/o", query);

    public Uri Object(string name, params IEnumerable<(string, string?)> query) => Address(Path(name), query);

    public Uri Upload(params IEnumerable<(string, string?)> query) =>
        Address($"/upload/storage/v1/b/{_bucket}/o", [("uploadType", "multipart"), .. query]);

    public Uri Compose(string name, params IEnumerable<(string, string?)> query) => Address($"{Path(name)}/compose", query);

    public Uri Rewrite(string source, string target, params IEnumerable<(string, string?)> query) =>
        Address($"{Path(source)}/rewriteTo{BelowB(target)}", query);

    /// <summary>Where the bytes are, by the XML API: it says with them all that is kept beside them.</summary>
    public Uri Content(string name) => Address(ContentPath(name), []);

    /// <summary>An address for one access, which is signed here; nothing is sent.</summary>
    public Uri Presign(string method, string name, IReadOnlyDictionary<string, string> required, TimeSpan lifetime)
    {
        List<(string Name, string Value)> headers =
        [
            ("host", new Uri(_origin).Authority),
            .. required.Select(each => (each.Key.ToLowerInvariant(), each.Value)),
        ];
        var path = ContentPath(name);
        return new Uri($"{_origin}{path}?{Account.Presign(method, path, headers, lifetime)}", HttpConnections.AsItIs);
    }

    /// <summary>An object's resource, then its bytes, whose sum Cloud Storage compares.</summary>
    public static HttpContent Whole(GcsObject resource, ReadOnlyMemory<byte> body)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(resource with { Crc32c = Crc32c.Base64(body.Span) }, GcsJson.Default.GcsObject);
        var bytes = new ReadOnlyMemoryContent(body);
        bytes.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return new MultipartContent("related") { RestClient.Body(json), bytes };
    }

    private string Path(string name) => $"/storage/v1{BelowB(name)}";

    private string BelowB(string name) => $"/b/{_bucket}/o/{PercentEncoding.Encode(name)}";

    private string ContentPath(string name) => $"/{_bucket}/{PercentEncoding.Encode(name, keepSlash: true)}";

    private Uri Address(string path, IEnumerable<(string, string?)> query) => new(_origin + path + PercentEncoding.Query(query), HttpConnections.AsItIs);
}
