using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fury.Sdk.Checks;

namespace Fury.Sdk.Drivers;

/// <summary>
/// Whom a driver believes that a server is the one of its address: those whom the system believes, or the authorities in a file, which the variable of the
/// environment names that the route's dialect <c>tls.ca-file</c> names. The name in the certificate is always looked at.
/// </summary>
internal sealed record TlsTrust(X509Certificate2Collection? Authorities)
{
    public const string Word = "tls.ca-file";

    /// <exception cref="FuryException">The variable is not set, or its file holds no certificates.</exception>
    public static TlsTrust Of(DriverContext context)
    {
        if (!context.Route.Dialect.TryGetValue(Word, out var variable))
        {
            return new TlsTrust((X509Certificate2Collection?)null);
        }

        var file = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : throw Failure.Invalid(
            $"The environment variable {Check.Show(variable)}, which {Word} of '{context.Service}' names, is not set; right is the path of a PEM file in it.");
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Failure.Invalid($"{file}, which {variable} names for '{context.Service}', cannot be read as PEM: {bad.Message}");
        }

        return authorities.Count > 0 ? new TlsTrust(authorities)
            : throw Failure.Invalid($"{file}, which {variable} names for '{context.Service}', holds no certificate.");
    }

    /// <param name="host">Whose name the certificate must have; null: whoever uses the options says it.</param>
    public SslClientAuthenticationOptions Options(string? host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (Authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }

        return options;
    }

    /// <summary>Why TLS was not agreed: a connection that breaks may be made again, and who is not believed is not believed the next time.</summary>
    public static FuryException Failed(string provider, Uri endpoint, Exception error) => IsBroken(error)
        ? new FuryException(FuryErrorCode.Unavailable, $"The connection to {provider} at {endpoint.Authority} broke before TLS was agreed.", error)
        {
            IsTransient = true,
        }
        : Refused(provider, endpoint, error);

    /// <summary>Nothing was sent, since nobody knows to whom.</summary>
    public static FuryException Refused(string provider, Uri endpoint, Exception error) => new(
        FuryErrorCode.Unavailable,
        $"{provider} at {endpoint.Authority} has not proved by TLS who it is: {Innermost(error).Message}", error);

    private static bool IsBroken(Exception error) =>
        error is not AuthenticationException && (error is IOException || (error.InnerException is { } inner && IsBroken(inner)));

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;
}
