using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Platform;

/// <summary>One request to the platform's API.</summary>
/// <param name="Path">Behind the address, escaped.</param>
/// <param name="Body">JSON; null: none.</param>
internal sealed record PlatformRequest(HttpMethod Method, string Path, byte[]? Body = null)
{
    public ETag? IfMatch { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>The way to the platform's API: one request for each call, no retries.</summary>
internal sealed class PlatformLine(HttpMessageInvoker http, Uri address, Func<string?> token) : IDriver
{
    public const string Speaker = "Fury";
    private const string EventStream = "text/event-stream";
    private const int AnswerBytesMax = 16 << 20;
    private const int ProblemBytesMax = 256 << 10;

    public string Provider => "fury";

    public CapabilitySet Declared => CapabilitySet.Empty;

    public bool EndsAtOnce => true;

    public FuryException Translate(Exception error) => HttpFailures.Transport(Speaker, error);

    public ValueTask ProbeAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async ValueTask<T> Send<T>(PlatformRequest request, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        using var answer = await Ask(request, null, cancellation);
        try
        {
            await answer.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellation);
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellation), json)
                ?? throw new JsonException("null");
        }
        catch (JsonException bad)
        {
            throw new FuryException(FuryErrorCode.Unknown, $"{Speaker} gave an answer that is no {typeof(T).Name}, at {bad.Path}.") { OutcomeUnknown = true };
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw HttpFailures.ButWritten(Speaker, error);
        }
    }

    /// <summary>The events of a deployment after one of them. Whoever gets the answer disposes it.</summary>
    public ValueTask<HttpResponseMessage> Open(string path, long after, CancellationToken cancellation) =>
        Ask(new PlatformRequest(HttpMethod.Get, path), after, cancellation);

    private async ValueTask<HttpResponseMessage> Ask(PlatformRequest wanted, long? after, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(wanted.Method, new Uri(address, wanted.Path));
        if (wanted.Body is not null)
        {
            request.Content = new ByteArrayContent(wanted.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        if (token() is { } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        if (wanted.IfMatch is { } tag)
        {
            HttpConnections.Add(request, "If-Match", tag.Value);
        }

        if (wanted.IdempotencyKey is { } key)
        {
            HttpConnections.Add(request, "Idempotency-Key", key);
        }

        if (after is { } number)
        {
            HttpConnections.Add(request, "Accept", EventStream);
            HttpConnections.Add(request, "Last-Event-ID", $"{number}");
        }

        var answer = await http.SendAsync(request, cancellation);
        if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
        {
            return answer;
        }

        using (answer)
        {
            throw await Refusal(answer, wanted.IfMatch is not null, cancellation);
        }
    }

    private static async Task<FuryException> Refusal(HttpResponseMessage answer, bool hasMatch, CancellationToken cancellation)
    {
        byte[] body;
        try
        {
            await answer.Content.LoadIntoBufferAsync(ProblemBytesMax, cancellation);
            body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (HttpRequestException)
        {
            // Too long for one, or cut off: the status says enough.
            body = [];
        }

        return PlatformRefusals.Read(answer.StatusCode, body, hasMatch, answer.Headers.RetryAfter?.Delta);
    }
}
