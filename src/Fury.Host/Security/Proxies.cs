using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Fury.Host;

/// <summary>
/// The proxies before this host (setting <c>Fury:Proxies</c>: addresses with commas between them; none by default). What the last of them says of the caller's
/// address and of https (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>) is believed, and what anybody else says is not.
/// </summary>
internal static class Proxies
{
    private const string Setting = "Fury:Proxies";

    /// <summary>Null: there are none.</summary>
    /// <exception cref="BadSettings">One of them is no address.</exception>
    public static ForwardedHeadersOptions? Read(IConfiguration settings)
    {
        var said = settings[Setting]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (said is [])
        {
            return null;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = 1 };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var one in said)
        {
            options.KnownProxies.Add(IPAddress.TryParse(one, out var address)
                ? address
                : throw new BadSettings($"{Setting} has '{one}', which is no IP address. Give those of the proxies, such as '10.0.0.7,10.0.0.8'."));
        }

        return options;
    }
}
