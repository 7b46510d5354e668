using Fury.Mesh.Xds;
using Fury.Xds;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>When a proxy may be said to route by what there is, and when it must be.</summary>
internal static class StandingRules
{
    public static void Check(SessionClient client, bool isAtRest)
    {
        var isEnvoy = client.Dialect == Dialect.Envoy;
        foreach (var (scope, entry) in client.World.Hub.Current.Scopes)
        {
            var route = isEnvoy ? MeshNames.Outbound : scope;
            var serving = entry.In(client.Dialect).Serving;
            var uses = client.Referee.HasHeardOf(XdsType.Route, route) && (!isEnvoy || client.View.IsForAll(XdsType.Cluster, scope));
            var standing = client.Stream.StandingOf(scope, entry);
            Referee.Require(uses == standing is not null, $"Whether {scope} is used: {standing}");
            if (standing is null)
            {
                continue;
            }

            var isThere = Has(XdsType.Route, route) && serving.All(cluster => Has(XdsType.Cluster, cluster));
            var isExact = isThere && serving.All(cluster => Has(XdsType.Endpoint, cluster));
            var isEnough = isThere && serving.All(cluster => Has(XdsType.Endpoint, cluster) || HasSome(cluster));
            Referee.Require(standing.Stage != Stage.Applied || isEnough, $"{scope} is not applied, and is said to be.");
            Referee.Require(standing.Stage == Stage.Applied || !isExact || !isAtRest, $"{scope} is applied, and is said to be {standing}.");
            Referee.Require(
                standing.Stage != Stage.Rejected || Refuses(XdsType.Route, route)
                || serving.Any(cluster => Refuses(XdsType.Cluster, cluster) || Refuses(XdsType.Endpoint, cluster)),
                $"Nothing of {scope} is refused, and is said to be: {standing}");
        }

        bool Has(XdsType type, string name) =>
            client.View.Find(type, name) is not { } now || client.Referee.Told(type).GetValueOrDefault(name) == now.Version;

        bool Refuses(XdsType type, string name) =>
            client.View.Find(type, name) is { } now && client.Withheld.Contains(new(type, name, now.Version));

        // The documented relaxation: endpoints come and go, and a proxy that has some of them can send.
        bool HasSome(string cluster) =>
            client.Referee.Told(XdsType.Endpoint).TryGetValue(cluster, out var version)
            && (client.World.HasEndpoints(version) || client.View.Find(XdsType.Endpoint, cluster)!.IsEmpty);
    }
}
