using System.Net;

namespace Fury.Kernel;

/// <summary>What only this machine can reach, as settings write it.</summary>
public static class Loopback
{
    /// <summary>Whether a host is <c>localhost</c> or a loopback address, with or without an IPv6 address's brackets.</summary>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Where a listener's address leads; <c>localhost</c> is 127.0.0.1. Throws <see cref="FormatException"/> for other names.</summary>
    public static IPEndPoint EndPoint(Uri listen) =>
        new(listen.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(listen.DnsSafeHost), listen.Port);
}
