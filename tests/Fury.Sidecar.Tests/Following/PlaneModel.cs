using Envoy.Service.Discovery.V3;

namespace Fury.Sidecar.Tests.Following;

/// <summary>
/// A control plane's side of one delta stream after another, as simple as it can be: what there is, what the client wants, and at most one
/// response of a type that is not answered. No I/O; whoever shares it locks.
/// </summary>
internal sealed class PlaneModel
{
    private readonly Dictionary<(string Type, string Name), Resource> _all = [];
    private readonly Dictionary<string, PerType> _types = [];
    private int _nonce;

    /// <summary>Names that are not answered for now, though they are there.</summary>
    public HashSet<string> Withheld { get; } = [];

    /// <summary>Names that are sent without being asked for.</summary>
    public HashSet<string> Wild { get; } = [];

    /// <summary>Versions that were acknowledged, or resumed, by type and name.</summary>
    public Dictionary<(string Type, string Name), string> Acked { get; } = [];

    public List<string> Refusals { get; } = [];

    /// <summary>Every request of every stream.</summary>
    public List<DeltaDiscoveryRequest> Heard { get; } = [];

    public void Put(params Resource[] resources)
    {
        foreach (var resource in resources)
        {
            _all[(Resources.TypeOf(resource), resource.Name)] = resource;
        }
    }

    public void Remove(string type, string name) => _all.Remove((type, name));

    public Resource? Find(string type, string name) => _all.GetValueOrDefault((type, name));

    /// <summary>A new stream.</summary>
    public void Open()
    {
        _types.Clear();
        Acked.Clear();
    }

    public void Hear(DeltaDiscoveryRequest request)
    {
        Heard.Add(request);
        if (!_types.TryGetValue(request.TypeUrl, out var type))
        {
            _types[request.TypeUrl] = type = new();
            foreach (var (name, version) in request.InitialResourceVersions)
            {
                type.Sent[name] = version;
                Acked[(request.TypeUrl, name)] = version;
            }
        }

        if (request.ResponseNonce.Length > 0 && request.ResponseNonce == type.Nonce)
        {
            foreach (var (name, version) in type.UnderWay!)
            {
                if (request.ErrorDetail is null)
                {
                    Acked[(request.TypeUrl, name)] = version;
                }
            }

            if (request.ErrorDetail is not null)
            {
                Refusals.Add(request.ErrorDetail.Message);
            }

            (type.UnderWay, type.Nonce) = (null, "");
        }

        foreach (var name in request.ResourceNamesSubscribe)
        {
            type.Names.Add(name);
            type.Asked.Add(name);
        }

        foreach (var name in request.ResourceNamesUnsubscribe)
        {
            type.Names.Remove(name);
            type.Asked.Remove(name);
            if (!(type.Names.Contains("*") && Wild.Contains(name)))
            {
                type.Sent.Remove(name);
            }
        }
    }

    /// <summary>Whether a response of any type is not answered.</summary>
    public bool IsUnderWay => _types.Values.Any(type => type.UnderWay is not null);

    /// <summary>The next response, in the order of make before break; null when there is nothing to say.</summary>
    public DeltaDiscoveryResponse? Next() => Resources.Order.Select(Next).FirstOrDefault(response => response is not null);

    public DeltaDiscoveryResponse? Next(string url)
    {
        if (!_types.TryGetValue(url, out var type) || type.UnderWay is not null)
        {
            return null;
        }

        var names = type.Names.Where(name => name != "*").Concat(type.Names.Contains("*") ? Wild : []).Concat(type.Sent.Keys).Distinct();
        var response = new DeltaDiscoveryResponse { TypeUrl = url, Nonce = $"{++_nonce}" };
        type.UnderWay = [];
        foreach (var name in names.Where(name => !Withheld.Contains($"{url} {name}")).ToList())
        {
            var now = type.Names.Contains(name) || (type.Names.Contains("*") && Wild.Contains(name)) ? Find(url, name) : null;
            if (type.Sent.GetValueOrDefault(name, "none") == (now?.Version ?? "") && !type.Asked.Contains(name))
            {
                continue;
            }

            if (now is not null)
            {
                response.Resources.Add(now);
            }
            else
            {
                response.RemovedResources.Add(name);
            }

            type.Asked.Remove(name);
            type.Sent[name] = type.UnderWay[name] = now?.Version ?? "";
        }

        if (type.UnderWay.Count == 0)
        {
            type.UnderWay = null;
            return null;
        }

        type.Nonce = response.Nonce;
        return response;
    }

    private sealed class PerType
    {
        public HashSet<string> Names { get; } = [];

        public HashSet<string> Asked { get; } = [];

        /// <summary>The versions the client has; empty for none.</summary>
        public Dictionary<string, string> Sent { get; } = [];

        public Dictionary<string, string>? UnderWay { get; set; }

        public string Nonce { get; set; } = "";
    }
}
