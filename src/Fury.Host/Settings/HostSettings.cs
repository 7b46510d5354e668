using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Host;

/// <summary>What the host itself is told; modules read their own settings.</summary>
/// <param name="Listen">Where the API is served, e.g. <c>http://127.0.0.1:7080</c>. Setting <c>Fury:Listen</c>.</param>
/// <param name="Token">The API's bearer token; null: only this machine may call. Setting <c>Fury:Auth:Token</c>.</param>
internal sealed record HostSettings(BindingAddress Listen, string? Token)
{
    public const string ListenDefault = "http://127.0.0.1:7080";
    public const int TokenLengthMin = 32;

    public bool IsLoopback => Loopback.Is(Listen.Host);

    /// <summary>Persons log in by OpenID Connect. Setting <c>Fury:Auth:Oidc:Issuer</c>.</summary>
    public bool HasPersons { get; init; }

    /// <summary>Whoever calls says who it is. Else every caller is the local administrator, and only this machine can call.</summary>
    public bool IsGuarded => Token is not null || HasPersons;

    /// <summary>
    /// Where instances reach the platform: <c>Fury:Workloads:Platform</c>, or what agents are told, or this host's own address, which only instances of this
    /// machine reach; null when that is not known before it listens.
    /// </summary>
    public WorkloadPlatform WorkloadPlatform(IConfiguration settings)
    {
        var given = settings["Fury:Workloads:Platform"] ?? settings["Fury:Agents:Platform"];
        return given is not { Length: > 0 } ? new(IsLoopback && Listen.Port != 0 ? new($"{Listen.Scheme}://{Listen.Host}:{Listen.Port}") : null)
            : Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? new(address)
            : throw new BadSettings($"Fury:Workloads:Platform must be an address such as https://fury.example.com, and is '{given}'.");
    }

    /// <exception cref="BadSettings">One sentence names the bad setting and what would be right.</exception>
    public static HostSettings Read(IConfiguration settings)
    {
        var token = settings["Fury:Auth:Token"] is { Length: > 0 } given ? given : null;
        if (token is not null && (token.Length < TokenLengthMin || token.Any(character => character is <= ' ' or > '~')))
        {
            // The token itself stays out of the message: it is a secret, even a bad one.
            throw new BadSettings($"Fury:Auth:Token must be at least {TokenLengthMin} visible ASCII characters.");
        }

        if (settings.GetSection("Kestrel:Endpoints").Exists())
        {
            throw new BadSettings("Kestrel:Endpoints is not used here. Set Fury:Listen instead.");
        }

        var listen = settings["Fury:Listen"] is { Length: > 0 } text ? text : ListenDefault;
        var address = ReadAddress(listen);
        var hasPersons = settings["Fury:Auth:Oidc:Issuer"] is { Length: > 0 };
        return token is null && !hasPersons && !Loopback.Is(address.Host)
            ? throw new BadSettings(
                $"Fury:Listen is {listen}, which other machines can reach. Set Fury:Auth:Token ({TokenLengthMin} characters or more), "
                + "or listen on 127.0.0.1, [::1] or localhost.")
            : new(address, token) { HasPersons = hasPersons };
    }

    private static BindingAddress ReadAddress(string listen)
    {
        try
        {
            var address = BindingAddress.Parse(listen);
            if (address.Scheme is "http" or "https" && address.PathBase.Length == 0 && !address.IsUnixPipe && address.Port is >= 0 and <= 65535)
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Said below, with an example.
        }

        throw new BadSettings($"Fury:Listen must be an address such as {ListenDefault}, and is '{listen}'.");
    }
}

/// <summary>The host cannot start like this; the message is one line for the operator.</summary>
internal sealed class BadSettings(string message) : Exception(message);
