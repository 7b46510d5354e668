using System.Net;
using System.Net.Sockets;

namespace Fury.Host;

/// <summary>Whoever asks without saying who, as limits count them.</summary>
internal static class Addresses
{
    private const int NetworkBytes = 8;

    /// <summary>An address of IPv4, or the first 64 bits of one of IPv6: whoever has one there has all that share these.</summary>
    public static string SourceOf(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: not AddressFamily.InterNetworkV6 })
        {
            return $"{address?.MapToIPv4()}";
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
