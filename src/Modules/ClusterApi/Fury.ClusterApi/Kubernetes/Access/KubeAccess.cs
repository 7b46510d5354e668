using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>
/// One context of a kubeconfig, read and checked. A class and not a record, since a record prints its members and these hold secrets.
/// </summary>
internal sealed class KubeAccess
{
    public required Uri Server { get; init; }

    /// <summary>Who may have signed the server's certificate; null: whom this machine trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Only ever true for a loopback address.</summary>
    public bool IsUnverified { get; init; }

    /// <summary>The name in the server's certificate, where it is not the one in the address.</summary>
    public string? ServerName { get; init; }

    public Uri? Proxy { get; init; }

    public string? Namespace { get; init; }

    public required KubeUser User { get; init; }

    /// <summary>Differs when any of it differs.</summary>
    public string Fingerprint
    {
        get
        {
            string?[] parts =
            [
                $"{Server}", $"{IsUnverified}", ServerName, $"{Proxy}", Namespace, User.Name, User.Token, User.TokenFile, User.Certificate?.Thumbprint,
                .. (Authorities ?? []).Select(authority => authority.Thumbprint),
                User.Exec?.ApiVersion, User.Exec?.Command, .. User.Exec?.Arguments ?? [],
                .. (User.Exec?.Environment ?? new Dictionary<string, string>()).Select(variable => $"{variable.Key}={variable.Value}"),
            ];
            return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(parts)));
        }
    }

    public override string ToString() => Server.ToString();
}

/// <summary>Who Fury is to the cluster. At most one way to prove it is set, besides a certificate.</summary>
internal sealed class KubeUser
{
    public required string Name { get; init; }

    public string? Token { get; init; }

    /// <summary>Holds a token that somebody else renews.</summary>
    public string? TokenFile { get; init; }

    public X509Certificate2? Certificate { get; init; }

    public ExecPlugin? Exec { get; init; }

    public override string ToString() => Name;
}

/// <summary>A program that prints a credential.</summary>
/// <param name="ApiVersion">Of the protocol that it speaks.</param>
/// <param name="Command">The whole path.</param>
/// <param name="TellsCluster">It wants to know which cluster it is for.</param>
internal sealed record ExecPlugin(
    string ApiVersion,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    bool TellsCluster)
{
    /// <summary>Arguments and environment may hold secrets.</summary>
    public override string ToString() => Command;
}

/// <summary>What a kubeconfig may ask of this machine.</summary>
/// <param name="Read">Reads a file; null when it cannot be read.</param>
/// <param name="FindProgram">The whole path of a program by its name; null when there is none.</param>
/// <param name="IsTrusted">
/// False for a document that came over the network: it may then name no files and no programs, since it would read and run them as Fury.
/// </param>
internal sealed record KubeconfigMachine(Func<string, byte[]?> Read, Func<string, string?> FindProgram, DateTimeOffset Now, bool IsTrusted = true);
