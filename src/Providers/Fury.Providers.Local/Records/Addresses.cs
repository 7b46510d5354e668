using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fury.Kernel;
using Fury.Processes;

namespace Fury.Providers.Local;

/// <summary>
/// Gives each instance an address of its own out of 127.0.0.0/8, all of which Linux answers on. Each data folder begins at another place,
/// so that hosts of one machine seldom meet, and what is given has been tried first.
/// </summary>
internal static class Addresses
{
    private const int TriedMax = 32;
    private const int HostsPerBlock = 250;

    public static Outcome<string> Allocate(string prefix, int port, IReadOnlySet<string> taken)
    {
        var start = int.Parse(prefix.Split('-')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x7fffffff;
        var tried = 0;
        foreach (var address in From(start).Where(address => !taken.Contains(address)))
        {
            if (IsFree(address, port))
            {
                return address;
            }

            if (++tried == TriedMax)
            {
                break;
            }
        }

        return new Fault(FaultKind.Exhausted, WhyNone(port)).With("port", port);
    }

    /// <summary>127.16.0.1 to 127.239.255.250, beginning at the place that <paramref name="start"/> names.</summary>
    private static IEnumerable<string> From(int start)
    {
        const int Blocks = 224 * 256;
        for (var number = 0; number < Blocks; number++)
        {
            var block = (start + number) % Blocks;
            for (var host = 1; host <= HostsPerBlock; host++)
            {
                yield return $"127.{16 + (block / 256)}.{block % 256}.{host}";
            }
        }
    }

    private static string WhyNone(int port) => ProcFs.ListenerOnEveryAddress(port) is { } process
        ? $"Port {port} is taken on every address of this machine by {process}. An instance must listen on FURY_ADDRESS only; "
            + "stop that process, or set Fury:Local:Port to another port."
        : $"Port {port} is taken on every address that was tried. Stop what listens on it, or set Fury:Local:Port to another port.";

    private static bool IsFree(string address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
