using System.Text;

namespace Fury.Sidecar.Routing;

/// <summary>
/// Rendezvous hashing: for each key the endpoint of the highest score. When one goes, only its own keys move; when one comes, it takes its share
/// and nothing else moves. The same on every sidecar and after every restart.
/// </summary>
/// <seealso href="https://en.wikipedia.org/wiki/Rendezvous_hashing"/>
internal static class Rendezvous
{
    /// <summary>FNV-1a of 64 bits (RFC 9923), with its bits mixed once more: it alone leaves similar texts close together.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ one) * 1099511628211UL);
        }

        return Mix(hash);
    }

    public static ulong Score(ulong key, ulong endpoint) => Mix(key ^ endpoint);

    /// <summary>The finaliser of MurmurHash3: each bit of the input changes about half of the output's.</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdUL;
            value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53UL;
            return value ^ (value >> 33);
        }
    }
}
