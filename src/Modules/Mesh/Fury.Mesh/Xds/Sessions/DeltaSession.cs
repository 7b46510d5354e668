using Envoy.Service.Discovery.V3;

namespace Fury.Mesh.Xds;

/// <summary>The incremental protocol: each resource with its own version, and only what has changed.</summary>
/// <seealso href="https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds"/>
internal sealed class DeltaSession(IXdsView view, Rejections rejections, TimeProvider clock) : AdsSession(view, rejections, clock, saysAll: false)
{
    private const string All = "*";

    /// <summary>Whether the client waits to hear that "all" is nothing: an Envoy is not ready before.</summary>
    private readonly bool[] _asksForAll = new bool[XdsTypes.Count];

    public void Receive(DeltaDiscoveryRequest request)
    {
        if (!XdsTypes.TryParse(request.TypeUrl, out var named))
        {
            throw new ProtocolException($"Type '{request.TypeUrl}' is not served here.");
        }

        var type = this[named];
        var isFirst = !type.IsUsed;

        // The subscription counts whatever the nonce: a client may change its mind while a response is on its way.
        Hear(type, request.ResponseNonce, request.ErrorDetail);
        foreach (var (name, version) in isFirst ? request.InitialResourceVersions : [])
        {
            type.Resume(name, version);
        }

        var nothingNamed = request.ResourceNamesSubscribe.Count == 0 && request.ResourceNamesUnsubscribe.Count == 0;
        if ((isFirst && nothingNamed && named.IsWhole()) || request.ResourceNamesSubscribe.Contains(All))
        {
            _asksForAll[(int)named] |= !type.Wildcard && request.InitialResourceVersions.Count == 0;
            type.SetWildcard(true);
        }

        // What the client has by "all" and wants by name from now on it keeps.
        type.Subscribe(request.ResourceNamesSubscribe.Where(name => name != All), resumed: isFirst);
        if (request.ResourceNamesUnsubscribe.Contains(All))
        {
            _asksForAll[(int)named] = false;
            type.SetWildcard(false);
        }

        type.Unsubscribe(request.ResourceNamesUnsubscribe.Where(name => name != All));
    }

    protected override Outgoing? Compose(Subscription type, IReadOnlyList<Item> due, IReadOnlyList<Item> unchanged, string nonce)
    {
        if (due.Count == 0 && !_asksForAll[(int)type.Type])
        {
            return null;
        }

        _asksForAll[(int)type.Type] = false;
        var head = new DeltaDiscoveryResponse { TypeUrl = type.Type.Url(), Nonce = nonce };
        head.RemovedResources.Add(from item in due where item.Resource.Hash == 0 select item.Name);
        return new(type.Type, head, [.. from item in due where item.Resource.Hash != 0 select item.Resource.DeltaChunk]);
    }

    protected override int SizeOf(XdsType type, Item item) => item.Resource.Hash == 0 ? item.Name.Length : item.Resource.DeltaChunk.Length;
}
