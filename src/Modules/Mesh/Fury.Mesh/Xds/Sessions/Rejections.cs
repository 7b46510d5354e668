namespace Fury.Mesh.Xds;

/// <summary>A content that a proxy has refused.</summary>
internal sealed record Rejection(string Resource, ulong Hash, string Error, DateTimeOffset At);

/// <summary>
/// What one proxy has refused, over all its streams: a refused content is never sent to it again, also when others came between. Bounded; where
/// more is refused the oldest is forgotten, and may be sent once more.
/// </summary>
internal sealed class Rejections
{
    /// <summary>Resources of which something was refused.</summary>
    public const int Max = 1000;

    /// <summary>Of one resource.</summary>
    public const int ContentsMax = 16;

    /// <summary>Of a refusal's words; they are shown to people, and told to other hosts.</summary>
    public const int ErrorCharsMax = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(XdsType Type, string Name), Refused> _refused = [];

    public Rejection? Find(XdsType type, XdsResource resource)
    {
        lock (_gate)
        {
            return _refused.Count > 0 ? _refused.GetValueOrDefault((type, resource.Name))?.Contents.Find(it => it.Hash == resource.Hash) : null;
        }
    }

    /// <summary>What the proxy goes by instead of what it has refused; null when it has never had any.</summary>
    public XdsResource? LastGood(XdsType type, string name)
    {
        lock (_gate)
        {
            return _refused.GetValueOrDefault((type, name))?.LastGood;
        }
    }

    /// <param name="lastGood">What the proxy has acknowledged before, on this stream.</param>
    public void Add(XdsType type, XdsResource resource, XdsResource? lastGood, string error, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!_refused.TryGetValue((type, resource.Name), out var refused))
            {
                if (_refused.Count >= Max)
                {
                    _refused.Remove(_refused.MinBy(entry => entry.Value.Contents[^1].At).Key);
                }

                _refused[(type, resource.Name)] = refused = new();
            }

            refused.LastGood = lastGood ?? refused.LastGood;
            refused.Contents.RemoveAll(it => it.Hash == resource.Hash);
            refused.Contents.Add(new(resource.Name, resource.Hash, Said.Words(error, ErrorCharsMax), at));
            if (refused.Contents.Count > ContentsMax)
            {
                refused.Contents.RemoveAt(0);
            }
        }
    }

    /// <summary>The proxy has taken this.</summary>
    public void Took(XdsType type, XdsResource resource)
    {
        lock (_gate)
        {
            if (_refused.Count > 0 && _refused.TryGetValue((type, resource.Name), out var refused))
            {
                refused.LastGood = resource;
            }
        }
    }

    private sealed class Refused
    {
        public List<Rejection> Contents { get; } = [];

        public XdsResource? LastGood { get; set; }
    }
}
