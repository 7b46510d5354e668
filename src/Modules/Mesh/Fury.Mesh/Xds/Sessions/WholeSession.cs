using Envoy.Service.Discovery.V3;

namespace Fury.Mesh.Xds;

/// <summary>
/// The protocol of the state of the world: a response holds every cluster and listener that the client wants (what is missing is gone), and of
/// endpoints and routes those that have changed.
/// </summary>
/// <seealso href="https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#the-xds-transport-protocol"/>
internal sealed class WholeSession(IXdsView view, Rejections rejections, TimeProvider clock) : AdsSession(view, rejections, clock, saysAll: true)
{
    private const string All = "*";

    /// <summary>Whether anything was ever named, "all" included: from then on no names means nothing.</summary>
    private readonly bool[] _named = new bool[XdsTypes.Count];

    /// <summary>Whether the client waits for an answer though there may be nothing: it must learn that there is nothing.</summary>
    private readonly bool[] _asks = new bool[XdsTypes.Count];

    public void Receive(DiscoveryRequest request)
    {
        if (!XdsTypes.TryParse(request.TypeUrl, out var named))
        {
            throw new ProtocolException($"Type '{request.TypeUrl}' is not served here.");
        }

        var type = this[named];
        // What is wanted counts whatever the nonce, since requests come in their order: a name that is dropped in one and wanted again in the next
        // is to be answered, also when the first of them speaks of an older response.
        Hear(type, request.ResponseNonce, request.ErrorDetail);
        var names = request.ResourceNames.Where(name => name != All).ToHashSet(StringComparer.Ordinal);
        var all = named.IsWhole() && (request.ResourceNames.Contains(All) || (request.ResourceNames.Count == 0 && !_named[(int)named]));
        _named[(int)named] |= request.ResourceNames.Count > 0;
        var grown = names.Where(name => !type.Names.Contains(name)).ToList();
        _asks[(int)named] |= named.IsWhole() && (grown.Count > 0 || !type.IsUsed);
        var wasWild = type.Wildcard;
        type.SetWildcard(all || wasWild);
        type.Subscribe(grown);
        type.SetWildcard(all);
        type.Unsubscribe(type.Names.Where(name => !names.Contains(name)).ToList());
        _asks[(int)named] |= named.IsWhole() && all != wasWild;
    }

    protected override Outgoing? Compose(Subscription type, IReadOnlyList<Item> due, IReadOnlyList<Item> unchanged, string nonce)
    {
        var head = new DiscoveryResponse { TypeUrl = type.Type.Url(), Nonce = nonce };
        var resources = (from item in due.Concat(unchanged) where item.Resource.Hash != 0 select item.Resource).ToList();
        if (!type.Type.IsWhole())
        {
            // The absence of a route or of endpoints cannot be said; they go with their listener or cluster.
            if (resources.Count == 0)
            {
                type.Drop(due);
                return null;
            }
        }
        else
        {
            if (due.Count == 0 && !_asks[(int)type.Type])
            {
                return null;
            }

            _asks[(int)type.Type] = false;
        }

        head.VersionInfo = VersionOf(resources);
        return new(type.Type, head, [.. resources.Select(resource => resource.WholeChunk)]);
    }

    protected override IEnumerable<Item> Unchanged(Subscription type, IReadOnlyList<Item> due)
    {
        if (!type.Type.IsWhole() || (due.Count == 0 && !_asks[(int)type.Type]))
        {
            return [];
        }

        var fresh = due.Select(item => item.Name).ToHashSet(StringComparer.Ordinal);
        return from held in type.Whole() where !fresh.Contains(held.Name) select new Item(held.Name, held);
    }

    // A response that holds everything cannot be sent in parts.
    protected override int SizeOf(XdsType type, Item item) => type.IsWhole() || item.Resource.Hash == 0 ? 0 : item.Resource.WholeChunk.Length;

    /// <summary>The same for the same set, in whatever order and on whatever host.</summary>
    private static string VersionOf(List<XdsResource> resources) =>
        $"{resources.Aggregate(0UL, (sum, resource) => unchecked(sum + (resource.Hash * 0x9E3779B97F4A7C15))):x16}";
}
