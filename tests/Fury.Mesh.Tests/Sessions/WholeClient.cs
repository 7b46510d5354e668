using System.Buffers.Binary;
using System.Security.Cryptography;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Fury.Mesh.Xds;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>A client of the protocol of the state of the world. It says all that it wants with each request, and has what the last response holds.</summary>
internal sealed class WholeClient(SessionWorld world, Random random, Dialect dialect, Dictionary<string, string> versions)
    : SessionClient(world, random, dialect)
{
    /// <summary>The nonce of the last response that it has taken, by type.</summary>
    private readonly string[] _nonces = ["", "", "", ""];

    /// <summary>Types that it has ever named something of on this stream: there "no names" means nothing, not all.</summary>
    private readonly bool[] _named = new bool[XdsTypes.Count];

    public override bool IsWhole => true;

    protected override AdsSession NewSession(IXdsView view, Rejections rejections, TimeProvider clock) => new WholeSession(view, rejections, clock);

    protected override void Forget()
    {
        Array.Fill(_nonces, "");
        Array.Clear(_named);
    }

    protected override void Hear(Ask ask)
    {
        var request = new DiscoveryRequest
        {
            TypeUrl = ask.Type.Url(),
            ResourceNames = { ask.After.Names },
            ResponseNonce = ask.Nonce,
            ErrorDetail = ErrorOf(ask),
        };

        // "All" is said by saying nothing, as long as nothing was ever said.
        if (ask.After.All && (ask.After.Names.Count > 0 || ask.Says))
        {
            request.ResourceNames.Add("*");
        }

        ((WholeSession)Stream.Session).Receive(request);
    }

    protected override Answer Read(Outgoing response)
    {
        var whole = DiscoveryResponse.Parser.ParseFrom([.. response.Head.ToByteArray(), .. response.Chunks.SelectMany(chunk => chunk.ToArray())]);
        var has = whole.Resources.ToDictionary(resource => NameOf(response.Type, resource), VersionOf);
        foreach (var resource in whole.Resources)
        {
            World.Know(response.Type, VersionOf(resource), resource);
        }

        SameVersionForTheSameSet(whole, has);
        var (wants, gone) = (Wants[(int)response.Type], Enumerable.Empty<string>());
        if (response.Type.IsWhole())
        {
            gone = Has[(int)response.Type].Keys.Where(name => !has.ContainsKey(name) && wants.Keeps(name));
        }

        return new(response.Type, whole.Nonce, has, [.. gone]);
    }

    protected override void ChangeMind(XdsType type)
    {
        var wants = Wants[(int)type];
        HashSet<string> names = [.. wants.Names];
        if (type is XdsType.Endpoint or XdsType.Cluster && Chance(3))
        {
            names = [.. Has[(int)XdsType.Route].Values.SelectMany(World.ClustersOf)];
        }
        else
        {
            names.RemoveWhere(_ => Chance(4));
            names.UnionWith(Enumerable.Range(0, Random.Next(3)).Select(_ => AnyName(type)));
        }

        Say(type, names, type.IsWhole() && (wants.All ^ Chance(5)), Chance(10) ? "stale" : _nonces[(int)type]);
    }

    protected override void Begin(XdsType type) => Say(type, Wants[(int)type].Names, Wants[(int)type].All, "", anew: true);

    protected override Ask Reply(Answer answer, IReadOnlyList<Content> refused)
    {
        var type = (int)answer.Type;
        _nonces[type] = answer.Nonce;
        return new(answer.Type, Wants[type], [], [], answer.Nonce, refused) { Says = _named[type] };
    }

    private void Say(XdsType type, HashSet<string> names, bool all, string nonce, bool anew = false)
    {
        // What cannot be said: that a type is used and nothing is wanted of it, before anything was.
        if (type.IsWhole() && names.Count == 0 && !all && !_named[(int)type])
        {
            all = true;
        }

        var says = _named[(int)type] || (all && Chance(2));
        _named[(int)type] |= names.Count > 0 || (all && says);
        var wants = Wants[(int)type];
        Send(new(type, new(names, all), [.. names.Where(name => anew || !wants.Names.Contains(name))], [], nonce) { Says = says });
    }

    private void SameVersionForTheSameSet(DiscoveryResponse response, Dictionary<string, string> has)
    {
        var set = $"{response.TypeUrl} {string.Join(' ', has.OrderBy(entry => entry.Key))}";
        Sessions.Referee.Require(versions.GetValueOrDefault(set, response.VersionInfo) == response.VersionInfo, "The same set has two versions.");
        Sessions.Referee.Require(
            versions.GetValueOrDefault(response.TypeUrl + response.VersionInfo, set) == set, "Two sets have the same version.");
        versions[set] = response.VersionInfo;
        versions[response.TypeUrl + response.VersionInfo] = set;
    }

    private static string VersionOf(Any resource) => $"{BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(resource.Value.Span)) | 1:x16}";

    private static string NameOf(XdsType type, Any resource) => type switch
    {
        XdsType.Cluster => resource.Unpack<Cluster>().Name,
        XdsType.Endpoint => resource.Unpack<ClusterLoadAssignment>().ClusterName,
        XdsType.Listener => resource.Unpack<Listener>().Name,
        _ => resource.Unpack<RouteConfiguration>().Name,
    };
}
