using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>The four kinds of resources, in the order in which additions are sent (make before break); removals go the other way.</summary>
internal enum XdsType
{
    Cluster,
    Endpoint,
    Listener,
    Route,
}

internal static class XdsTypes
{
    public const int Count = 4;

    private static readonly string[] Urls =
        [TypeUrls.Cluster, TypeUrls.ClusterLoadAssignment, TypeUrls.Listener, TypeUrls.RouteConfiguration];

    public static string Url(this XdsType type) => Urls[(int)type];

    public static bool TryParse(string url, out XdsType type)
    {
        type = (XdsType)Array.IndexOf(Urls, url);
        return (int)type >= 0;
    }

    /// <summary>Of these a client may ask for "all there are for me", and an answer in the state of the world holds all of them.</summary>
    public static bool IsWhole(this XdsType type) => type is XdsType.Cluster or XdsType.Listener;
}
