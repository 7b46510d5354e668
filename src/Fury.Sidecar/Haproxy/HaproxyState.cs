using System.Collections.Immutable;
using System.Globalization;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>The maps that HAProxy's configuration looks things up in, from the inmost to the one that a request meets first.</summary>
internal enum HaproxyMap
{
    /// <summary>Backend → id of the pool that it serves, for the header of its answers.</summary>
    Pools,

    /// <summary>Scope → milliseconds that the rules give to a request.</summary>
    Timeouts,

    /// <summary>Scope and one of its <see cref="Slots.Count"/> numbers → backend, or a refusal.</summary>
    Slots,

    /// <summary>Scope and a pool that requests may choose → backend, or a refusal.</summary>
    Previews,

    /// <summary>Host name → scope.</summary>
    Hosts,
}

/// <summary>One line of a map.</summary>
internal readonly record struct MapEntry(HaproxyMap Map, string Key);

/// <summary>One server of a backend. Its name is its address, so it is the same server again when it comes back.</summary>
internal readonly record struct ServerAt(int Backend, Endpoint Endpoint)
{
    /// <summary>HAProxy knows no places, so one that was told of and one that was read are the same without.</summary>
    public Endpoint Endpoint { get; } = Endpoint with { Place = Place.Unknown };

    public string Path => $"{Backends.NameOf(Backend)}/{Name}";

    public string Name => $"{Endpoint.Address}:{Endpoint.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The server of a name that <see cref="Name"/> gave.</summary>
    public static ServerAt Parse(int backend, string name)
    {
        var colon = name.LastIndexOf(':');
        return new(backend, new(name[..colon], int.Parse(name.AsSpan(colon + 1), CultureInfo.InvariantCulture)));
    }
}

/// <summary>The backends that HAProxy is started with: they have numbers, and serve whichever pool they are given to.</summary>
internal static class Backends
{
    private const string Prefix = "pool-";

    public static string NameOf(int backend) => Prefix + backend.ToString(CultureInfo.InvariantCulture);

    public static int? NumberOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>What a HAProxy has, as far as it can be changed while it runs. Immutable.</summary>
/// <param name="Servers">Whether each takes requests; one that does not is on its way out.</param>
internal sealed record HaproxyState(ImmutableDictionary<MapEntry, string> Entries, ImmutableDictionary<ServerAt, bool> Servers)
{
    /// <summary>As it is when it has started.</summary>
    public static HaproxyState Empty { get; } = new(ImmutableDictionary<MapEntry, string>.Empty, ImmutableDictionary<ServerAt, bool>.Empty);
}
