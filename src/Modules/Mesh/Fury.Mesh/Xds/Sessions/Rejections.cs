namespace Fury.Mesh.Xds;

/// <summary>A resource that a proxy has refused.</summary>
/// <param name="Hash">Of the content that was refused.</param>
internal sealed record Rejection(string Resource, ulong Hash, string Error, DateTimeOffset At);

/// <summary>
/// What one proxy has refused, over all its streams: a refused content is never sent to it again. Bounded; where more is refused the oldest is
/// forgotten, and may be sent once more.
/// </summary>
internal sealed class Rejections
{
    public const int Max = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(XdsType Type, string Name), Rejection> _last = [];

    public Rejection? Find(XdsType type, XdsResource resource)
    {
        lock (_gate)
        {
            return _last.Count > 0 && _last.GetValueOrDefault((type, resource.Name)) is { } last && last.Hash == resource.Hash ? last : null;
        }
    }

    public void Add(XdsType type, XdsResource resource, string error, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_last.Count >= Max && !_last.ContainsKey((type, resource.Name)))
            {
                _last.Remove(_last.MinBy(entry => entry.Value.At).Key);
            }

            _last[(type, resource.Name)] = new(resource.Name, resource.Hash, error, at);
        }
    }
}
