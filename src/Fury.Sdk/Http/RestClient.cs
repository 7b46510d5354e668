using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fury.Sdk.Http;

/// <summary>Calls of providers that take JSON from who has a token.</summary>
internal sealed class RestClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _http;
    private readonly string _display;
    private readonly BearerTokens _tokens;

    /// <param name="display">The provider's name, for errors.</param>
    public RestClient(string display, ITokenSource source, TimeProvider clock, int connectionsMax = HttpConnections.ConnectionsMax)
    {
        (_http, _display) = (HttpConnections.Open(connectionsMax), display);
        _tokens = new BearerTokens(_http, source, clock);
    }

    public void Dispose()
    {
        _http.Dispose();
        _tokens.Dispose();
    }

    /// <summary>
    /// Gives the answer when its headers are there, whatever it says. Only one whose token was not taken, so that nothing has happened, is sent once more with
    /// another.
    /// </summary>
    /// <param name="content">Makes the body anew each time; null: there is none.</param>
    public async ValueTask<HttpResponseMessage> Send(
        HttpMethod method, Uri uri, Func<HttpContent>? content, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        BearerToken? refused = null;
        while (true)
        {
            var token = await _tokens.Get(refused, cancellation);
            using var request = new HttpRequestMessage(method, uri);
            // A write has a body, if only an empty one: what has none, the handler sends again by itself when an answer is lost.
            request.Content = content?.Invoke() ?? (method == HttpMethod.Get ? null : new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty));
            HttpConnections.Add(request, "Authorization", $"Bearer {token.Text}");
            foreach (var (name, value) in headers)
            {
                HttpConnections.Add(request, name, value);
            }

            var response = await _http.SendAsync(request, cancellation);
            if (response.StatusCode != HttpStatusCode.Unauthorized || refused is not null)
            {
                return response;
            }

            response.Dispose();
            refused = token;
        }
    }

    public ValueTask<HttpResponseMessage> Send(HttpMethod method, Uri uri, CancellationToken cancellation) => Send(method, uri, null, [], cancellation);

    public ValueTask<HttpResponseMessage> Send<TRequest>(
        HttpMethod method, Uri uri, TRequest request, JsonTypeInfo<TRequest> json, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, json);
        return Send(method, uri, () => Body(body), [], cancellation);
    }

    /// <summary>What it says, if that is well.</summary>
    public async ValueTask<TAnswer> Read<TAnswer>(HttpResponseMessage response, JsonTypeInfo<TAnswer> json, CancellationToken cancellation)
    {
        await MustBeWell(response, cancellation);
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), json)!;
        }
        catch (JsonException error)
        {
            throw new FuryException(FuryErrorCode.Unknown, $"{_display} answered what is no JSON of it.", error) { OutcomeUnknown = true };
        }
    }

    public async ValueTask MustBeWell(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw await Error(response, cancellation);
        }
    }

    /// <summary>That a provider is in trouble tells nothing about a write, even in its own words.</summary>
    public async ValueTask<FuryException> Error(HttpResponseMessage response, CancellationToken cancellation)
    {
        var word = RestRefusal.Word(await response.Content.ReadAsByteArrayAsync(cancellation));
        return HttpFailures.Answer(_display, response.StatusCode, (int)response.StatusCode < 500 ? word : null, response.Headers.RetryAfter?.Delta);
    }

    public FuryException Translate(Exception error) => HttpFailures.Transport(_display, error);

    internal static HttpContent Body(ReadOnlyMemory<byte> json)
    {
        var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = Json;
        return content;
    }
}
