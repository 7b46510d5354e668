using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Http;

/// <summary>What the host answered, as it was written.</summary>
internal sealed record Answer(HttpStatusCode Status, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public T Read<T>() => JsonSerializer.Deserialize<T>(Body, FuryJson.Options)
        ?? throw new CommandFailure(ExitCode.Failed, $"The host answered {(int)Status} with nothing where {typeof(T).Name} was expected.");
}

/// <summary>
/// The host's API. A refusal ends the command with the host's own words; a request whose connection broke is repeated, which is harmless
/// because nearly every request of this API may be: reads, PUTs, and POSTs under an idempotency key or for one revision.
/// </summary>
internal sealed class FuryApi : IDisposable
{
    private const int AttemptsMax = 3;
    private static readonly TimeSpan RepeatDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    public FuryApi(Uri host, string? token, TimeSpan? answerTimeout = null)
    {
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false })
        {
            BaseAddress = new Uri(host.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = answerTimeout ?? AnswerTimeout,
        };
        if (!string.IsNullOrEmpty(token))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>An idempotency key that no other request has.</summary>
    public static string NewKey() => Guid.CreateVersion7().ToString();

    public Task<Answer> Get(string path, CancellationToken cancellation) => Send(HttpMethod.Get, path, null, null, cancellation);

    /// <summary>Null when the host says 404.</summary>
    public async Task<Answer?> Find(string path, CancellationToken cancellation)
    {
        var answer = await Ask(HttpMethod.Get, path, null, null, cancellation);
        return answer.Status == HttpStatusCode.NotFound ? null : Accepted(answer);
    }

    /// <param name="ifMatch">A revision, with or without the quotes of an ETag; null to create.</param>
    public Task<Answer> Put(string path, object body, string? ifMatch, CancellationToken cancellation) =>
        Send(HttpMethod.Put, path, body, ifMatch is null ? null : ("If-Match", $"\"{ifMatch.Trim('"')}\""), cancellation);

    /// <summary>Creates it, unless it is there, as it may be.</summary>
    public async Task Ensure(string path, object wish, CancellationToken cancellation)
    {
        if (await Find(path, cancellation) is null)
        {
            await Put(path, wish, null, cancellation);
        }
    }

    public Task<Answer> Delete(string path, CancellationToken cancellation) => Send(HttpMethod.Delete, path, null, null, cancellation);

    /// <param name="key">An idempotency key; null where the body itself says that it is meant once.</param>
    public Task<Answer> Post(string path, object body, string? key, CancellationToken cancellation) =>
        Send(HttpMethod.Post, path, body, key is null ? null : ("Idempotency-Key", key), cancellation);

    /// <summary>What must not happen twice although it names no key: it is not repeated where the connection breaks.</summary>
    public async Task<Answer> PostOnce(string path, object body, CancellationToken cancellation) =>
        Accepted(await Ask(HttpMethod.Post, path, body, null, cancellation, attemptsMax: 1));

    /// <summary>Opens an answer that goes on: events after <paramref name="lastEventId"/>, or lines. The caller disposes it.</summary>
    /// <exception cref="HttpRequestException">The host is away: what to do then is the caller's to say.</exception>
    public async Task<HttpResponseMessage> Open(string path, string accept, string? lastEventId, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Problem.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
        }
    }

    public CommandFailure Unreachable(Exception cause) => new(
        ExitCode.Unreachable,
        $"No Fury host answers at {_http.BaseAddress}: {Innermost(cause).Message}",
        ["Start one with './dev up', or name another with --host or FURY_HOST."]);

    public void Dispose() => _http.Dispose();

    private async Task<Answer> Send(
        HttpMethod method, string path, object? body, (string Name, string Value)? header, CancellationToken cancellation) =>
        Accepted(await Ask(method, path, body, header, cancellation));

    private static Answer Accepted(Answer answer) => (int)answer.Status < 300 ? answer : throw Problem.Read(answer.Status, answer.Body);

    private async Task<Answer> Ask(
        HttpMethod method, string path, object? body, (string Name, string Value)? header, CancellationToken cancellation,
        int attemptsMax = AttemptsMax)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (body is not null)
                {
                    request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), FuryJson.Options));
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                }

                if (header is { } pair)
                {
                    request.Headers.TryAddWithoutValidation(pair.Name, pair.Value);
                }

                using var response = await _http.SendAsync(request, cancellation);
                return new Answer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
            }
            catch (HttpRequestException broken) when (attempt < attemptsMax && !NeverConnected(broken))
            {
                await Task.Delay(RepeatDelay, cancellation);
            }
            catch (HttpRequestException broken)
            {
                throw Unreachable(broken);
            }
            catch (TaskCanceledException late) when (!cancellation.IsCancellationRequested)
            {
                throw new CommandFailure(ExitCode.Unreachable, $"The host did not answer {method} {path} in time: {late.Message}");
            }
        }
    }

    private static bool NeverConnected(HttpRequestException broken) =>
        broken.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;

    private static Exception Innermost(Exception cause) =>
        cause is { InnerException: { } inner } and not SocketException ? Innermost(inner) : cause;
}
