using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Kernel;
using Fury.Providers.Clouds;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;

namespace Fury.Providers.Gcp;

/// <summary>Tokens that Google takes, by Google's own library: it keeps one, and asks for the next in time.</summary>
internal sealed class GcpTokens(GcpOptions options, TimeProvider clock) : IBearerTokens, IDisposable
{
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>What is said of a token's life where the library does not tell.</summary>
    private static readonly TimeSpan LifeLeast = TimeSpan.FromMinutes(5);

    private static readonly string[] Kinds =
    [
        JsonCredentialParameters.ServiceAccountCredentialType, JsonCredentialParameters.ExternalAccountCredentialType,
        JsonCredentialParameters.ImpersonatedServiceAccountCredentialType, JsonCredentialParameters.AuthorizedUserCredentialType,
    ];

    private readonly SemaphoreSlim _turn = new(1);
    private ICredential? _credential;

    public async Task<Outcome<string>> Bearer(CancellationToken cancellation) =>
        await Safely(async c => await (await Credential(c)).GetAccessTokenForRequestAsync(cancellationToken: c), cancellation);

    /// <summary>Asks for another token than the one that was not taken, unless somebody has done so already.</summary>
    public async Task<Outcome<string>> Renewed(string refused, CancellationToken cancellation) => await Safely(
        async c =>
        {
            await _turn.WaitAsync(c);
            try
            {
                if (Held() == refused && _credential is ServiceCredential service)
                {
                    await service.RequestAccessTokenAsync(c);
                }
                else if (Held() == refused && _credential is UserCredential user)
                {
                    await user.RefreshTokenAsync(c);
                }
            }
            finally
            {
                _turn.Release();
            }

            return await _credential!.GetAccessTokenForRequestAsync(cancellationToken: c);
        },
        cancellation);

    /// <summary>When the token that is held ends.</summary>
    public DateTimeOffset ExpiresAt() => Token() is { ExpiresInSeconds: { } seconds } token
        ? new DateTimeOffset(DateTime.SpecifyKind(token.IssuedUtc, DateTimeKind.Utc)).AddSeconds(seconds)
        : clock.GetUtcNow() + LifeLeast;

    public void Dispose() => _turn.Dispose();

    private TokenResponse? Token() => _credential switch
    {
        ServiceCredential service => service.Token,
        UserCredential user => user.Token,
        _ => null,
    };

    private string? Held() => Token()?.AccessToken;

    private async Task<ICredential> Credential(CancellationToken cancellation)
    {
        if (_credential is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            return _credential ??= (await Found(cancellation)).CreateScoped(Scope).UnderlyingCredential;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<GoogleCredential> Found(CancellationToken cancellation)
    {
        if (options.CredentialFile is not { } file)
        {
            return await GoogleCredential.GetApplicationDefaultAsync(cancellation);
        }

        var json = JsonNode.Parse(await File.ReadAllTextAsync(file, cancellation)) as JsonObject;
        var kind = $"{json?["type"]}";
        if (json is null || !Kinds.Contains(kind))
        {
            throw new InvalidOperationException($"'{file}' is of type '{kind}', which is none of {string.Join(", ", Kinds)}.");
        }

        if (options.TokenEndpoint is { } endpoint)
        {
            json[kind == JsonCredentialParameters.ExternalAccountCredentialType ? "token_url" : "token_uri"] = endpoint.AbsoluteUri;
        }

        return CredentialFactory.FromJson(json.ToJsonString(), kind);
    }

    private async Task<Outcome<string>> Safely(Func<CancellationToken, Task<string>> ask, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(options.CallTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await ask(either.Token);
        }
        catch (TokenResponseException refused) when ((int?)refused.StatusCode is null or < 500)
        {
            // The answer's own words may hold parts of what was sent; its code cannot.
            return CloudFaults.Unauthenticated($"Google does not give Fury a token: {refused.Error?.Error ?? "without a word"}.");
        }
        catch (SubjectTokenException refused)
        {
            return CloudFaults.Unauthenticated($"The token to be exchanged for one of Google's cannot be had: {refused.Message}");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or JsonException or ArgumentException or FileNotFoundException
            or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return CloudFaults.Unauthenticated(options.CredentialFile is { } file
                ? $"'{file}' (Fury:Gcp:CredentialFile) cannot be used: {Told(wrong)}"
                : $"There are no credentials for Google Cloud: {wrong.Message}");
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable("Google's token endpoint, or the metadata server, does not answer.", failed);
        }
    }

    /// <summary>Without what a parser quotes: the file is a secret.</summary>
    private static string Told(Exception wrong) => wrong switch
    {
        JsonException => "it is no JSON.",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file.",
        UnauthorizedAccessException => "it may not be read.",
        InvalidOperationException => wrong.Message,
        _ => "it is not whole.",
    };
}
