using System.Text.RegularExpressions;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Azure;

/// <summary>Tokens that Azure takes, by Azure's own library.</summary>
/// <param name="transport">By which tokens are asked for; null: the library's own.</param>
internal sealed partial class AzureTokens(AzureOptions options, TimeProvider clock, HttpPipelineTransport? transport = null) : IBearerTokens, IDisposable
{
    /// <summary>A token is renewed so long before its end, so that none ends on its way.</summary>
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _turn = new(1);
    private TokenCredential? _credential;
    private AccessToken? _held;

    public Task<Outcome<string>> Bearer(CancellationToken cancellation) => Held(refused: null, cancellation);

    public Task<Outcome<string>> Renewed(string refused, CancellationToken cancellation) => Held(refused, cancellation);

    public void Dispose() => _turn.Dispose();

    private async Task<Outcome<string>> Held(string? refused, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(options.CallTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await _turn.WaitAsync(either.Token);
            try
            {
                if (_held is { } held && held.Token != refused && held.ExpiresOn - clock.GetUtcNow() > RenewedBefore)
                {
                    return held.Token;
                }

                // The library keeps tokens too; a credential that is made anew has none.
                _credential = refused is null && _credential is not null ? _credential : await Credential(either.Token);
                _held = await _credential.GetTokenAsync(new([new Uri(options.Audience, ".default").AbsoluteUri]), either.Token);
                return _held.Value.Token;
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (CredentialUnavailableException none)
        {
            return CloudFaults.Unauthenticated($"There are no credentials for Azure: {none.Message}");
        }
        catch (AuthenticationFailedException refusal) when (!IsTransient(refusal))
        {
            // Only its code: the rest may hold parts of what was sent.
            var code = Code().Match($"{refusal}");
            return CloudFaults.Unauthenticated($"Azure does not give Fury a token: {(code.Success ? code.Value : "without a code")}.");
        }
        catch (Exception wrong) when (wrong is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or ArgumentException)
        {
            return CloudFaults.Unauthenticated($"'{options.ClientSecretFile}' (Fury:Azure:ClientSecretFile) is not there, may not be read, or is empty.");
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable("Azure's token endpoint does not answer.", failed);
        }
    }

    private async Task<TokenCredential> Credential(CancellationToken cancellation)
    {
        if (options.ClientSecretFile is { } file)
        {
            var secret = (await File.ReadAllTextAsync(file, cancellation)).Trim();
            return new ClientSecretCredential(options.TenantId, options.ClientId, secret, With(new ClientSecretCredentialOptions()));
        }

        var identity = options.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned;
        return new ChainedTokenCredential(
            new EnvironmentCredential(With(new EnvironmentCredentialOptions())),
            new WorkloadIdentityCredential(With(new WorkloadIdentityCredentialOptions())),
            new ManagedIdentityCredential(With(new ManagedIdentityCredentialOptions(identity))));
    }

    private T With<T>(T settings)
        where T : TokenCredentialOptions
    {
        settings.AuthorityHost = options.Authority;
        settings.Transport = transport ?? settings.Transport;
        if (settings is ClientSecretCredentialOptions client)
        {
            // Which authorities are Azure's own is known; another one was written down on purpose.
            client.DisableInstanceDiscovery = true;
        }

        return settings;
    }

    private static bool IsTransient(Exception? failed) => failed switch
    {
        null => false,
        HttpRequestException or IOException or OperationCanceledException => true,
        RequestFailedException { Status: 0 or >= 500 } => true,
        AggregateException many => many.InnerExceptions.Any(IsTransient),
        _ => IsTransient(failed.InnerException),
    };

    [GeneratedRegex("AADSTS[0-9]+")]
    private static partial Regex Code();
}
