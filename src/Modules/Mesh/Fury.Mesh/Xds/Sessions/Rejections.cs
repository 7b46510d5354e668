namespace Fury.Mesh.Xds;

/// <summary>A content that a proxy has refused.</summary>
internal sealed record Rejection(string Resource, ulong Hash, string Error, DateTimeOffset At);

/// <summary>
/// What one proxy has refused, over all its streams: a refused content is never sent to it again, also when others came between. And what it goes by
/// of the kinds that are sent whole, where leaving something out would take it away. Bounded; where more is refused the oldest is forgotten, and may
/// be sent once more.
/// </summary>
internal sealed class Rejections
{
    /// <summary>Resources of which something was refused.</summary>
    public const int Max = 1000;

    /// <summary>Refused contents of one resource.</summary>
    public const int ContentsMax = 16;

    /// <summary>Resources that it goes by.</summary>
    public const int GoodMax = 20_000;

    /// <summary>Of a refusal's words; they are shown to people, and told to other hosts.</summary>
    public const int ErrorCharsMax = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(XdsType Type, string Name), List<Rejection>> _refused = [];
    private readonly Dictionary<(XdsType Type, string Name), XdsResource> _good = [];

    public Rejection? Find(XdsType type, XdsResource resource)
    {
        lock (_gate)
        {
            return _refused.Count > 0 ? _refused.GetValueOrDefault((type, resource.Name))?.Find(it => it.Hash == resource.Hash) : null;
        }
    }

    public void Add(XdsType type, XdsResource resource, string error, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!_refused.TryGetValue((type, resource.Name), out var contents))
            {
                if (_refused.Count >= Max)
                {
                    _refused.Remove(_refused.MinBy(entry => entry.Value[^1].At).Key);
                }

                _refused[(type, resource.Name)] = contents = [];
            }

            contents.RemoveAll(it => it.Hash == resource.Hash);
            if (_good.GetValueOrDefault((type, resource.Name))?.Hash == resource.Hash)
            {
                _good.Remove((type, resource.Name)); // Good for it no more.
            }

            contents.Add(new(resource.Name, resource.Hash, Said.Words(error, ErrorCharsMax), at));
            if (contents.Count > ContentsMax)
            {
                contents.RemoveAt(0);
            }
        }
    }

    /// <summary>What the proxy goes by, as far as it is known; null where it is not.</summary>
    public XdsResource? Good(XdsType type, string name)
    {
        lock (_gate)
        {
            return _good.GetValueOrDefault((type, name));
        }
    }

    /// <summary>The proxy has taken it, or has it no more.</summary>
    public void Took(XdsType type, string name, XdsResource? resource)
    {
        lock (_gate)
        {
            if (resource is null or { Hash: 0 })
            {
                _good.Remove((type, name));
            }
            else if (_good.Count < GoodMax || _good.ContainsKey((type, name)))
            {
                _good[(type, name)] = resource;
            }
        }
    }
}
