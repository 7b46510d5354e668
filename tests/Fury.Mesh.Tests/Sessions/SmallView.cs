using Envoy.Service.Discovery.V3;
using Fury.Mesh.Xds;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Tests.Sessions;

/// <summary>Resources that a test sets by hand: their content is a word. All of them are "all".</summary>
internal sealed class SmallView : IXdsView
{
    private readonly Dictionary<(XdsType Type, string Name), XdsResource> _resources = [];

    public XdsResource? Find(XdsType type, string name) => _resources.GetValueOrDefault((type, name));

    public bool IsForAll(XdsType type, string name) => type.IsWhole();

    public IEnumerable<string> AllNames(XdsType type) => from entry in _resources.Keys where entry.Type == type select entry.Name;

    /// <summary>Null takes it away.</summary>
    public void Set(AdsSession session, XdsType type, string name, string? content)
    {
        if (content is null)
        {
            _resources.Remove((type, name));
        }
        else
        {
            _resources[(type, name)] = new(name, new StringValue { Value = content }, isEmpty: content.Length == 0);
        }

        session.Touch(type, [name]);
    }

    public static DeltaDiscoveryResponse Delta(Outgoing response) =>
        DeltaDiscoveryResponse.Parser.ParseFrom([.. response.Head.ToByteArray(), .. response.Chunks.SelectMany(chunk => chunk.ToArray())]);

    public static DiscoveryResponse Whole(Outgoing response) =>
        DiscoveryResponse.Parser.ParseFrom([.. response.Head.ToByteArray(), .. response.Chunks.SelectMany(chunk => chunk.ToArray())]);

    /// <summary>The words in a response, in their order.</summary>
    public static string Words(IEnumerable<Any> resources) => string.Join(' ', resources.Select(resource => resource.Unpack<StringValue>().Value).Order());
}
