using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Access;

/// <summary>How to log in to a host, as it says at <c>/auth/settings</c>.</summary>
internal sealed record LoginSettings(string Issuer, string ClientId, string Scope);

/// <summary>A person logs in with any browser, and a program without one waits for it (RFC 8628).</summary>
internal sealed class DeviceFlow(HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(15);

    /// <param name="say">Tells the person where to go.</param>
    /// <returns>An id token of the provider.</returns>
    public async Task<string> Run(LoginSettings settings, Action<string> say, CancellationToken cancellation)
    {
        var document = await Json(new(HttpMethod.Get, Safe($"{settings.Issuer.TrimEnd('/')}/.well-known/openid-configuration")), cancellation);
        var begin = Safe(Text(document, "device_authorization_endpoint")
            ?? throw Failed($"The provider {settings.Issuer} has no device flow. Use a token: fury login --token-file FILE"));
        var end = Safe(Text(document, "token_endpoint") ?? throw Failed($"The provider {settings.Issuer} gives no tokens."));
        var begun = await Json(Post(begin, ("client_id", settings.ClientId), ("scope", settings.Scope)), cancellation);
        var code = Text(begun, "device_code")
            ?? throw Failed($"The provider refuses: {Text(begun, "error_description") ?? Text(begun, "error") ?? "no reason"}");
        say($"Open {Text(begun, "verification_uri_complete") ?? Text(begun, "verification_uri")} and confirm the code {Text(begun, "user_code")}.");
        var (interval, started) = (Seconds(begun, "interval") ?? IntervalDefault, clock.GetTimestamp());
        var life = Seconds(begun, "expires_in") is { } given && given < WaitMax ? given : WaitMax;
        while (clock.GetElapsedTime(started) < life)
        {
            await Task.Delay(interval, clock, cancellation);
            var answer = await Json(Post(
                end, ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code), ("client_id", settings.ClientId)), cancellation);
            if (Text(answer, "id_token") is { } token)
            {
                return token;
            }

            interval += Text(answer, "error") switch
            {
                "authorization_pending" => TimeSpan.Zero,
                "slow_down" => SlowDown,
                "access_denied" => throw Failed("The login was refused."),
                var other => throw Failed($"The login has ended: {other ?? "no id token"}."),
            };
        }

        throw Failed("Nobody has confirmed the code in time.");
    }

    private async Task<JsonElement> Json(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            try
            {
                using var answer = await http.SendAsync(request, cancellation);
                // Refusals of a flow under way are JSON too.
                return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
                    ? await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation)
                    : throw Failed($"{request.RequestUri} has answered {(int)answer.StatusCode}.");
            }
            catch (Exception broken) when (broken is HttpRequestException or JsonException)
            {
                throw Failed($"{request.RequestUri} can't be used: {broken.Message}");
            }
        }
    }

    private static HttpRequestMessage Post(Uri address, params (string Name, string Value)[] form) => new(HttpMethod.Post, address)
    {
        Content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))),
    };

    /// <summary>A token is asked for only where nobody can read it on the way.</summary>
    private static Uri Safe(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && Loopback.Is(uri.Host)))
            ? uri
            : throw Failed($"'{address}' is no https address.");

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static TimeSpan? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? TimeSpan.FromSeconds(value.GetDouble()) : null;

    private static CommandFailure Failed(string why) => new(ExitCode.Failed, why);
}
