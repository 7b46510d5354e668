using System.Net;

namespace Fury.Deployments.Webhooks;

/// <summary>
/// Whom this host connects to because a stranger has named a URL. Addresses that only this machine or its network can reach are refused, as they are where
/// they are not to be reached from outside: metadata of the cloud, other services, the host itself.
/// </summary>
/// <param name="Allowed">Networks that are reached all the same.</param>
internal sealed record AddressPolicy(IReadOnlyList<IPNetwork> Allowed)
{
    /// <summary>
    /// The special ranges of IPv4 (RFC 6890): this network, private, shared, loopback, link-local, protocols, examples, benchmarks, multicast, reserved.
    /// </summary>
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Of IPv6 only what is routed in the world (RFC 4291) …</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>… without tunnels, which lead to any address of IPv4 (Teredo, 6to4), and examples.</summary>
    private static readonly IPNetwork[] Special6 = [.. new[] { "2001::/32", "2001:db8::/32", "2002::/16" }.Select(IPNetwork.Parse)];

    /// <exception cref="FormatException">One of them is not a network such as 10.1.0.0/16.</exception>
    public static AddressPolicy Parse(string? allowed) => new(
    [
        .. (allowed ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(IPNetwork.Parse),
    ]);

    public bool May(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Allowed.Any(network => network.Contains(plain)) || IsPublic(plain);
    }

    /// <summary>False when the host is an address that is refused. What a name stands for is known, and looked at, when it is connected to.</summary>
    public bool MayBe(Uri url) => !IPAddress.TryParse(url.DnsSafeHost, out var address) || May(address);

    private static bool IsPublic(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        ? !Special4.Any(network => network.Contains(address))
        : Global6.Contains(address) && !Special6.Any(network => network.Contains(address));
}
