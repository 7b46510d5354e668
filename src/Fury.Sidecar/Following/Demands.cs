using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Following;

/// <summary>The names that are subscribed to because a request asked for their host.</summary>
internal sealed class Demands(Subscription<string> listeners, TimeProvider clock)
{
    /// <summary>How many names there may be.</summary>
    public const int NamesMax = 10_000;

    /// <summary>A name that nobody has used for so long makes room for another.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, LastUse> _names = new(StringComparer.Ordinal);

    public int Count => _names.Count;

    /// <summary>Subscribes to the name, or notes that it is in use. False when there is no room.</summary>
    public bool Ask(string name)
    {
        var now = clock.GetTimestamp();
        if (_names.TryGetValue(name, out var use))
        {
            use.Note(now, grain: 0);
            return true;
        }

        if (_names.Count >= NamesMax && !MakeRoom())
        {
            return false;
        }

        _names[name] = new(now);
        listeners.Subscribe(name);
        return true;
    }

    /// <summary>Where the use of any of these names is noted; null when none was asked for.</summary>
    public LastUse? UseOf(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (_names.TryGetValue(name, out var use))
            {
                return use;
            }
        }

        return null;
    }

    private bool MakeRoom()
    {
        var (name, use) = _names.MinBy(entry => entry.Value.At);
        if (clock.GetElapsedTime(use.At) < IdleMax)
        {
            return false;
        }

        _names.Remove(name);
        listeners.Unsubscribe(name);
        return true;
    }
}
