using Envoy.Config.Route.V3;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>What there is for the clients of one scope that speak one dialect: "all" is what their scope depends on, never the whole mesh.</summary>
internal sealed class CallerView(Func<MeshSnapshot> snapshot, string caller, Dialect dialect, EnvoyListener listener) : IXdsView
{
    private readonly Lock _gate = new();
    private XdsResource? _listener;
    private XdsResource? _routes;
    private IReadOnlyList<VirtualHost> _hosts = [];

    public string Caller => caller;

    public Dialect Dialect => dialect;

    public XdsResource? Find(XdsType type, string name) =>
        name == MeshNames.Outbound && dialect == Dialect.Envoy ? Outbound(type)
        : snapshot().Scopes.GetValueOrDefault(MeshNames.KeyOf(name))?.In(dialect).Find(type, name);

    public bool IsForAll(XdsType type, string name) =>
        name == MeshNames.Outbound ? dialect == Dialect.Envoy && type == XdsType.Listener
        : type.IsWhole() && snapshot().DependenciesOf(caller).Contains(MeshNames.KeyOf(name));

    public IEnumerable<string> AllNames(XdsType type)
    {
        if (dialect == Dialect.Envoy && type == XdsType.Listener)
        {
            return [MeshNames.Outbound];
        }

        var now = snapshot();
        return from scope in now.DependenciesOf(caller)
               let entry = now.Scopes.GetValueOrDefault(scope)
               where entry is not null
               from resource in entry.In(dialect).All(type)
               select resource.Name;
    }

    /// <summary>Built again when one of the hosts in it is another; most of the time it is asked for and none is.</summary>
    private XdsResource? Outbound(XdsType type)
    {
        if (type == XdsType.Listener)
        {
            return _listener ??= new(MeshNames.Outbound, ListenerRendering.Outbound(listener.Address, listener.Port));
        }

        if (type != XdsType.Route)
        {
            return null;
        }

        var now = snapshot();
        lock (_gate)
        {
            List<VirtualHost> hosts =
            [
                .. from scope in now.DependenciesOf(caller).Order(StringComparer.Ordinal)
                   let entry = now.Scopes.GetValueOrDefault(scope)
                   where entry is not null
                   select entry.In(dialect).Host!,
            ];
            if (_routes is null || !hosts.SequenceEqual(_hosts, ReferenceEqualityComparer.Instance))
            {
                _hosts = hosts;
                _routes = new XdsResource(MeshNames.Outbound, RouteRendering.Routes(MeshNames.Outbound, hosts)).OrSame(_routes);
            }

            return _routes;
        }
    }
}

/// <summary>Where an Envoy listens for its application.</summary>
internal sealed record EnvoyListener(string Address, int Port)
{
    public static EnvoyListener Default { get; } = new("127.0.0.1", 15001);
}
