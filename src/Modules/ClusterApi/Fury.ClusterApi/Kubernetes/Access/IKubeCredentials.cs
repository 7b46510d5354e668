using System.Security.Cryptography.X509Certificates;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>What proves who Fury is, now. A class, since a record prints its members.</summary>
internal sealed class Credential(string? token, X509Certificate2? certificate, DateTimeOffset? expiresAt = null)
{
    public string? Token => token;

    public X509Certificate2? Certificate => certificate;

    /// <summary>Null: it does not say.</summary>
    public DateTimeOffset? ExpiresAt => expiresAt;
}

/// <summary>Gives the credential that holds now, and renews it in time.</summary>
internal interface IKubeCredentials
{
    ValueTask<Outcome<Credential>> Get(CancellationToken cancellation);

    /// <summary>The server refused it, so the next <see cref="Get"/> brings another where there may be one. True when that is so.</summary>
    bool Refused(Credential credential);
}

/// <summary>A token or a certificate that stays as it is.</summary>
internal sealed class FixedCredentials(KubeUser user) : IKubeCredentials
{
    private readonly Credential _credential = new(user.Token, user.Certificate);

    public ValueTask<Outcome<Credential>> Get(CancellationToken cancellation) => ValueTask.FromResult<Outcome<Credential>>(_credential);

    public bool Refused(Credential credential) => false;
}

/// <summary>A token in a file that somebody else renews; it is read again once a minute, and when the server refuses it.</summary>
internal sealed class FileCredentials(string path, X509Certificate2? certificate, TimeProvider clock) : IKubeCredentials
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private volatile Held? _held;

    public async ValueTask<Outcome<Credential>> Get(CancellationToken cancellation)
    {
        if (_held is { } held && clock.GetElapsedTime(held.ReadAt) < ReadAgainAfter)
        {
            return held.Credential;
        }

        try
        {
            var token = (await File.ReadAllTextAsync(path, cancellation)).Trim();
            if (token.Length == 0)
            {
                return new Fault(FaultKind.Unauthenticated, $"The token file {path} is empty.");
            }

            var read = new Credential(token, certificate);
            _held = new(read, clock.GetTimestamp());
            return read;
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            return new Fault(FaultKind.Unauthenticated, $"The token file {path} cannot be read: {denied.GetType().Name}.");
        }
    }

    public bool Refused(Credential credential)
    {
        _held = null;
        return true;
    }

    private sealed record Held(Credential Credential, long ReadAt);
}
