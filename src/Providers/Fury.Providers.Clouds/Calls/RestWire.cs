using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Providers.Clouds;

/// <summary>One call.</summary>
/// <param name="Target">Whose pace it keeps, see <see cref="CloudCalls"/>.</param>
/// <param name="What">For faults, e.g. "list instances of 'europe-west1-b'".</param>
/// <param name="Body">Null: none.</param>
internal sealed record RestCall(string Target, HttpMethod Method, Uri Address, string What, object? Body = null)
{
    /// <summary>Of <c>If-None-Match</c>; null: none.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>See <see cref="CloudCalls.Make"/>; null: as most calls.</summary>
    public TimeSpan? TurnMax { get; init; }
}

/// <summary>Proves who Fury is to a cloud that takes bearer tokens.</summary>
internal interface IBearerTokens
{
    Task<Outcome<string>> Bearer(CancellationToken cancellation);

    /// <summary>Another token than the one that was not taken, if there is one.</summary>
    Task<Outcome<string>> Renewed(string refused, CancellationToken cancellation);
}

/// <summary>How one cloud speaks REST.</summary>
/// <param name="Name">For people, e.g. <c>Google Cloud</c>.</param>
/// <param name="Timeout">Of one call, from its beginning to the end of its answer.</param>
/// <param name="FaultOf">What an answer that is none means. Its body is given apart; the last is what was to be done.</param>
internal sealed record RestManner(
    string Name, TimeSpan Timeout, JsonSerializerOptions Json, Func<HttpResponseMessage, string, string, Fault> FaultOf);

/// <summary>Speaks JSON with a cloud, with bearer tokens. Calls are paced and repeated by <see cref="CloudCalls"/>; all waits are bounded.</summary>
internal sealed class RestWire : IDisposable
{
    private const int AnswerBytesMax = 64 * 1024 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>After so long a name is looked up again.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly RestManner _manner;
    private readonly IBearerTokens _tokens;
    private readonly CloudCalls _calls;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public RestWire(RestManner manner, IBearerTokens tokens, CloudCalls calls, TimeProvider clock)
    {
        (_manner, _tokens, _calls, _clock) = (manner, tokens, calls, clock);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AutomaticDecompression = DecompressionMethods.All,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Fury");
    }

    /// <summary>An answer without content is read as an object without fields.</summary>
    public Task<Outcome<T>> Send<T>(RestCall call, CancellationToken cancellation) =>
        _calls.Make(call.Target, c => Once<T>(call, c), cancellation, call.TurnMax);

    public void Dispose() => _http.Dispose();

    private async Task<Outcome<T>> Once<T>(RestCall call, CancellationToken cancellation)
    {
        var token = await _tokens.Bearer(cancellation);
        if (!token.IsOk)
        {
            return token.Fault;
        }

        var answer = await Once<T>(call, token.Value, cancellation);
        if (answer.Fault?.Kind != FaultKind.Unauthenticated)
        {
            return answer;
        }

        // It may have ended before its time, as when a key was changed; a new one decides.
        var renewed = await _tokens.Renewed(token.Value, cancellation);
        return !renewed.IsOk ? renewed.Fault : renewed.Value == token.Value ? answer : await Once<T>(call, renewed.Value, cancellation);
    }

    private async Task<Outcome<T>> Once<T>(RestCall call, string token, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(_manner.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            using var request = Request(call, token);
            using var answer = await _http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsStringAsync(either.Token);
            return answer.IsSuccessStatusCode ? Read<T>(body, call) : _manner.FaultOf(answer, body, call.What);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable($"{_manner.Name} did not answer within {_manner.Timeout.TotalSeconds} s, to {call.What}.");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            return Fault.Unavailable($"{_manner.Name} cannot be reached, to {call.What}.", failed);
        }
    }

    private HttpRequestMessage Request(RestCall call, string token)
    {
        var request = new HttpRequestMessage(call.Method, call.Address);
        request.Headers.Authorization = new("Bearer", token);
        if (call.IfNoneMatch is { } match)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", match);
        }

        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(call.Body, _manner.Json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    private Outcome<T> Read<T>(string body, RestCall call)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body.Length == 0 ? "{}" : body, _manner.Json) is { } value
                ? value
                : Fault.Unavailable($"{_manner.Name} answers with nothing, to {call.What}.");
        }
        catch (JsonException wrong)
        {
            return Fault.Unavailable($"{_manner.Name} answers what cannot be read, to {call.What}.", wrong);
        }
    }
}
