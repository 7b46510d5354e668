using Envoy.Config.Route.V3;

namespace Fury.Mesh.Xds;

/// <summary>A scope in one dialect.</summary>
/// <param name="Listener">Null for Envoy, which has one for all.</param>
/// <param name="Route">Likewise.</param>
/// <param name="Host">The scope's part of Envoy's routes; null in the other dialects.</param>
internal sealed record RenderedScope(
    XdsResource? Listener,
    XdsResource? Route,
    VirtualHost? Host,
    IReadOnlyList<XdsResource> Clusters,
    IReadOnlyList<XdsResource> Endpoints,
    IReadOnlyList<string> Serving)
{
    public IEnumerable<XdsResource> All(XdsType type) => type switch
    {
        XdsType.Cluster => Clusters,
        XdsType.Endpoint => Endpoints,
        XdsType.Listener => Listener is null ? [] : [Listener],
        _ => Route is null ? [] : [Route],
    };

    public XdsResource? Find(XdsType type, string name) => type switch
    {
        XdsType.Cluster => Find(Clusters, name),
        XdsType.Endpoint => Find(Endpoints, name),
        XdsType.Listener => Listener?.Name == name ? Listener : null,
        _ => Route?.Name == name ? Route : null,
    };

    private static XdsResource? Find(IReadOnlyList<XdsResource> all, string name)
    {
        foreach (var resource in all)
        {
            if (resource.Name == name)
            {
                return resource;
            }
        }

        return null;
    }
}
