using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Azure;

/// <summary>Sends signed requests to one container.</summary>
internal sealed class AzureBlobClient : IDisposable
{
    public const string Display = "Azure";
    public const string Version = "2020-10-02";

    private readonly HttpMessageInvoker _http = HttpConnections.Open();
    private readonly EnvironmentCredential _credential;
    private readonly Uri? _endpoint;
    private readonly TimeProvider _clock;

    public AzureBlobClient(DriverContext context)
    {
        _credential = new EnvironmentCredential(context, "AZURE_STORAGE_ACCOUNT,AZURE_STORAGE_KEY", parts: 2);
        _clock = context.Clock;
        _endpoint = context.Route.Endpoint;
        Container = context.Route.Resource;
        if (_endpoint is { Scheme: not ("http" or "https") })
        {
            throw Failure.Invalid($"The endpoint of '{context.Service}' is '{_endpoint}'; one like https://ACCOUNT.blob.core.windows.net is right.");
        }
    }

    public string Container { get; }

    public SharedKey Key
    {
        get
        {
            var (account, key) = (_credential[0]!, new byte[128]);
            return Convert.TryFromBase64String(_credential[1]!, key, out var count)
                ? new SharedKey(account, key[..count])
                : throw new FuryException(FuryErrorCode.Unauthenticated, "The key of the Azure account is not in base64, as Azure gives it.");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Where a blob is; null: the container.</summary>
    public Uri Address(string? key, string query = "")
    {
        var origin = (_endpoint?.AbsoluteUri ?? $"https://{_credential[0]}.blob.core.windows.net").TrimEnd('/');
        var blob = key is null ? "" : "/" + PercentEncoding.Encode(BlobNames.Encode(key), keepSlash: true);
        return new Uri($"{origin}/{Container}{blob}{query}", HttpConnections.AsItIs);
    }

    /// <summary>Gives the answer when its headers are there, whatever it says.</summary>
    /// <param name="query">Not encoded.</param>
    public async ValueTask<HttpResponseMessage> Send(
        HttpMethod method, string? key, (string Name, string Value)[] query, IEnumerable<(string Name, string Value)> headers, ReadOnlyMemory<byte>? body,
        CancellationToken cancellation)
    {
        var uri = Address(key, query.Length == 0 ? "" : "?" + string.Join('&', query.Select(each => $"{each.Name}={PercentEncoding.Encode(each.Value)}")));
        using var request = new HttpRequestMessage(method, uri);
        List<(string Name, string Value)> all =
        [
            .. headers,
            ("x-ms-date", _clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)),
            ("x-ms-version", Version),
        ];
        if (body is not null || (method != HttpMethod.Get && method != HttpMethod.Head))
        {
            // A write has a body, if only an empty one: what has none, the handler sends again by itself when an answer is lost.
            request.Content = new ReadOnlyMemoryContent(body ?? ReadOnlyMemory<byte>.Empty);
        }

        all.ForEach(each => HttpConnections.Add(request, each.Name, each.Value));
        var length = body is { Length: > 0 and var bytes } ? bytes.ToString(CultureInfo.InvariantCulture) : null;
        var path = uri.PathAndQuery.Split('?')[0];
        var signed = length is null ? all : [.. all, ("content-length", length)];
        request.Headers.TryAddWithoutValidation("Authorization", Key.Authorize(method.Method, path, query, signed));
        return await _http.SendAsync(request, cancellation);
    }

    public static async ValueTask<XElement> Document(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return XDocument.Parse((await response.Content.ReadAsStringAsync(cancellation)).TrimStart('\uFEFF')).Root!;
        }
        catch (XmlException error)
        {
            throw new FuryException(FuryErrorCode.Unknown, $"{Display} answered {(int)response.StatusCode} with what is no XML.", error);
        }
    }

    /// <summary>The provider's own word for an error is in a header, where it is the provider's.</summary>
    public static FuryException Error(HttpResponseMessage response) => HttpFailures.Answer(
        Display,
        response.StatusCode,
        Header(response, "x-ms-error-code"),
        response.Headers.RetryAfter?.Delta,
        Header(response, "x-ms-request-id"));

    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString()
        : response.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString()
        : null;
}
