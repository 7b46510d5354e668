using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Sdk.Http;

/// <summary>What a bearer shows with each call, until it ends. It is never shown otherwise.</summary>
internal sealed record BearerToken(string Text, DateTimeOffset EndsAt)
{
    public override string ToString() => $"BearerToken(until {EndsAt:O}, hidden)";
}

/// <summary>Where tokens come from: a request of RFC 6749, or of a machine's metadata server, made anew each time.</summary>
internal interface ITokenSource
{
    /// <summary>Who gives them, for errors.</summary>
    string Display { get; }

    HttpRequestMessage Ask();
}

/// <summary>
/// One token for all callers: asked for when it is first needed, again before it ends, and again when it is not taken; by one caller, for whom others wait.
/// </summary>
internal sealed class BearerTokens(HttpMessageInvoker http, ITokenSource source, TimeProvider clock) : IDisposable
{
    /// <summary>So long before its end it is no longer used.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1);
    private BearerToken? _token;

    /// <param name="refused">One that was not taken, if this is why another is asked for.</param>
    public async ValueTask<BearerToken> Get(BearerToken? refused, CancellationToken cancellation)
    {
        if (Good(refused) is { } token)
        {
            return token;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            return Good(refused) ?? (_token = await Ask(cancellation));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private BearerToken? Good(BearerToken? refused) =>
        _token is { } token && token != refused && token.EndsAt - Margin > clock.GetUtcNow() ? token : null;

    /// <summary>Whatever goes wrong here, the call that needs the token was not sent.</summary>
    private async ValueTask<BearerToken> Ask(CancellationToken cancellation)
    {
        using var request = source.Ask();
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (!response.IsSuccessStatusCode)
            {
                var word = RestRefusal.Word(body);
                throw (int)response.StatusCode is >= 500 or 429
                    ? new FuryException(FuryErrorCode.Unavailable, $"{source.Display} gives no token: it answered {(int)response.StatusCode}.")
                    {
                        IsTransient = true,
                        ProviderCode = word,
                    }
                    : new FuryException(FuryErrorCode.Unauthenticated, $"{source.Display} gives no token: {word ?? $"{(int)response.StatusCode}"}.")
                    {
                        ProviderCode = word,
                    };
            }

            var answer = JsonSerializer.Deserialize(body, TokenJson.Default.TokenAnswer)!;
            return new BearerToken(answer.Token, clock.GetUtcNow() + TimeSpan.FromSeconds(answer.Seconds));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new FuryException(FuryErrorCode.Unavailable, $"{source.Display}, which gives tokens, cannot be reached.", error) { IsTransient = true };
        }
    }
}

internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token"), JsonRequired] string Token, [property: JsonPropertyName("expires_in"), JsonRequired] long Seconds)
{
    public override string ToString() => "TokenAnswer(hidden)";
}

/// <summary>Some write numbers as texts.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJson : JsonSerializerContext;
