using Envoy.Service.Discovery.V3;
using Fury.Mesh.Xds;
using Google.Protobuf;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>A client of the incremental protocol.</summary>
internal sealed class DeltaClient(SessionWorld world, Random random, Dialect dialect) : SessionClient(world, random, dialect)
{
    public override bool IsWhole => false;

    protected override AdsSession NewSession(IXdsView view, Rejections rejections, TimeProvider clock) => new DeltaSession(view, rejections, clock);

    protected override void Hear(Ask ask)
    {
        var (session, wild) = ((DeltaSession)Stream.Session, Stream.Session[ask.Type].Wildcard);
        var request = new DeltaDiscoveryRequest
        {
            TypeUrl = ask.Type.Url(),
            ResourceNamesSubscribe = { ask.Named },
            ResourceNamesUnsubscribe = { ask.Left },
            ResponseNonce = ask.Nonce,
            ErrorDetail = ErrorOf(ask),
        };
        request.InitialResourceVersions.Add(new Dictionary<string, string>(ask.Resumed ?? new Dictionary<string, string>()));
        var isLegacy = !Stream.Session[ask.Type].IsUsed && ask.Named.Count == 0 && ask.Left.Count == 0;
        if (ask.After.All && !wild && !isLegacy)
        {
            request.ResourceNamesSubscribe.Add("*");
        }
        else if (!ask.After.All && wild)
        {
            request.ResourceNamesUnsubscribe.Add("*");
        }

        session.Receive(request);
    }

    protected override Answer Read(Outgoing response)
    {
        var whole = DeltaDiscoveryResponse.Parser.ParseFrom([.. response.Head.ToByteArray(), .. response.Chunks.SelectMany(chunk => chunk.ToArray())]);
        foreach (var resource in whole.Resources)
        {
            World.Know(response.Type, resource.Version, resource.Resource_);
        }

        return new(
            response.Type, whole.Nonce, whole.Resources.ToDictionary(resource => resource.Name, resource => resource.Version), [.. whole.RemovedResources]);
    }

    protected override void ChangeMind(XdsType type)
    {
        var wants = Wants[(int)type];
        if (!HasAsked(type) && type.IsWhole() && Chance(2))
        {
            Send(new(type, wants with { All = true }, [], [])); // The legacy way.
            return;
        }

        List<string> named = [], left = [];
        if (type <= XdsType.Endpoint && Chance(3))
        {
            // What its routes name, and nothing else.
            var clusters = Has[(int)XdsType.Route].Values.SelectMany(World.ClustersOf).ToHashSet();
            named.AddRange(clusters.Where(name => !wants.Names.Contains(name)));
            left.AddRange(wants.Names.Where(name => !clusters.Contains(name)));
        }
        else
        {
            named.AddRange(Enumerable.Range(0, Random.Next(3)).Select(_ => AnyName(type)).Distinct());
            left.AddRange(wants.Names.Where(_ => Chance(4)).Except(named));
            if (Chance(8) && AnyName(type) is var stranger && !named.Contains(stranger) && !left.Contains(stranger))
            {
                left.Add(stranger);
            }
        }

        var all = wants.All ^ (type.IsWhole() && Chance(5));
        if (!HasAsked(type) && type.IsWhole() && named.Count == 0 && left.Count == 0)
        {
            all = true;
        }

        var after = new Wish([.. wants.Names.Concat(named).Except(left)], all);
        Send(new(type, after, named, left, Nonce: Chance(8) ? "stale" : "", Resumed: HasAsked(type) ? null : Has[(int)type]));
    }

    protected override void Begin(XdsType type)
    {
        var wants = Wants[(int)type];
        var versions = new Dictionary<string, string>(Has[(int)type]);
        Send(new(type, wants, [.. wants.Names], [], Resumed: versions));
    }

    protected override Ask Reply(Answer answer, IReadOnlyList<Content> refused) =>
        new(answer.Type, Wants[(int)answer.Type], [], [], answer.Nonce, refused);
}
