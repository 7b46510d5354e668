using System.Buffers.Binary;
using System.Security.Cryptography;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Xds;

/// <summary>
/// One resource, serialised once and shared by every stream that is sent it. Its version is a hash of its content, so it is the same on every
/// host and after every restart.
/// </summary>
internal sealed class XdsResource
{
    private readonly Any _body;
    private byte[]? _whole;
    private byte[]? _delta;

    public XdsResource(string name, IMessage body, bool isEmpty = false)
        : this(name, Any.Pack(body), isEmpty)
    {
    }

    private XdsResource(string name, Any body, bool isEmpty)
    {
        Name = name;
        _body = body;
        IsEmpty = isEmpty;
        Hash = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(body.Value.Span)) | 1;
    }

    private XdsResource(string name, ulong hash)
    {
        Name = name;
        _body = new Any();
        Hash = hash;
        IsForeign = hash != 0;
    }

    /// <summary>Stands for "there is none": what a client knows of a name that was answered with its absence.</summary>
    public static XdsResource None { get; } = new("", 0);

    public string Name { get; }

    /// <summary>Of the content; 0 for none.</summary>
    public ulong Hash { get; }

    public string Version => $"{Hash:x16}";

    /// <summary>Known by its version alone, so it cannot be sent.</summary>
    public bool IsForeign { get; }

    /// <summary>An assignment without endpoints.</summary>
    public bool IsEmpty { get; }

    /// <summary>Its part of a response in the state of the world: field 2, with tag and length. Protobuf messages may be put together from parts.</summary>
    public ReadOnlyMemory<byte> WholeChunk => _whole ??= new DiscoveryResponse { Resources = { _body } }.ToByteArray();

    /// <summary>Its part of a delta response, likewise.</summary>
    public ReadOnlyMemory<byte> DeltaChunk => _delta ??= new DeltaDiscoveryResponse
    {
        Resources = { new Resource { Name = Name, Version = Version, Resource_ = _body } },
    }.ToByteArray();

    /// <summary>What a client says to have from before, where all that is known of it is a version.</summary>
    public static XdsResource Foreign(string name, string version) =>
        new(name, ulong.TryParse(version, System.Globalization.NumberStyles.HexNumber, null, out var hash) && hash != 0 ? hash : ulong.MaxValue);

    /// <summary>The earlier one where nothing has changed, so that "the same" is "the same object".</summary>
    public XdsResource OrSame(XdsResource? earlier) => earlier?.Hash == Hash && earlier.Name == Name ? earlier : this;

    public override string ToString() => $"{Name}@{Version}";
}
