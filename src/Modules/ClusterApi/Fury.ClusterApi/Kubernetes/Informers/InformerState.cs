namespace Fury.ClusterApi.Kubernetes.Informers;

/// <summary>How objects of a kind are told apart.</summary>
/// <param name="Name">Unique at one time.</param>
/// <param name="Uid">Unique forever: an object made anew under an old name has another.</param>
/// <param name="Same">Nothing in it is different that anybody wants to know.</param>
internal sealed record ObjectTraits<T>(Func<T, string> Name, Func<T, string> Uid, Func<T, T, bool> Same)
    where T : class;

/// <summary>What is told of an object.</summary>
internal readonly record struct Told<T>(T Item, bool IsGone)
    where T : class;

/// <summary>
/// What was told so far, so that a list after a gap tells exactly the difference: what is new, what is different, and what has gone without
/// its end being seen. Pure: it is fed and answers what is to be told.
/// </summary>
internal sealed class InformerState<T>(ObjectTraits<T> traits)
    where T : class
{
    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);

    /// <summary>Where a watch goes on; null: everything must be listed first.</summary>
    public string? Version { get; private set; }

    /// <summary>Everything must be listed anew; what is known stays, to be compared with.</summary>
    public void Forget()
    {
        Version = null;
        _listed.Clear();
    }

    /// <summary>A page of a list. What is not on any page may still be there until <see cref="ListEnded"/>.</summary>
    public IReadOnlyList<Told<T>> Listed(IReadOnlyList<T> items)
    {
        var told = new List<Told<T>>();
        foreach (var item in items)
        {
            _listed.Add(traits.Name(item));
            Write(item, told);
        }

        return told;
    }

    public IReadOnlyList<Told<T>> ListEnded(string version)
    {
        var gone = _known.Where(known => !_listed.Contains(known.Key)).ToList();
        foreach (var (name, _) in gone)
        {
            _known.Remove(name);
        }

        _listed.Clear();
        Version = version;
        return [.. gone.Select(known => new Told<T>(known.Value, IsGone: true))];
    }

    public IReadOnlyList<Told<T>> Written(T item, string version)
    {
        var told = new List<Told<T>>();
        Write(item, told);
        Version = version;
        return told;
    }

    public IReadOnlyList<Told<T>> Deleted(T item, string version)
    {
        Version = version;
        // One that was never told of does not go, and an end of the one before does not end the one of now.
        return _known.TryGetValue(traits.Name(item), out var known) && traits.Uid(known) == traits.Uid(item) && _known.Remove(traits.Name(item))
            ? [new(known, IsGone: true)]
            : [];
    }

    public void Bookmark(string version) => Version = version;

    private void Write(T item, List<Told<T>> told)
    {
        var name = traits.Name(item);
        if (_known.TryGetValue(name, out var known))
        {
            if (traits.Uid(known) != traits.Uid(item))
            {
                told.Add(new(known, IsGone: true));
            }
            else if (traits.Same(known, item))
            {
                return;
            }
        }

        _known[name] = item;
        told.Add(new(item, IsGone: false));
    }
}
