namespace Fury.Mesh.Xds;

/// <summary>
/// One type on one stream: what the client wants, what it was sent, what it has acknowledged, and what is due. At most one response is under way;
/// what changes meanwhile is merged, so nothing here is larger than what the client has subscribed to. No I/O; its stream locks.
/// </summary>
/// <param name="saysAll">
/// Whether responses hold everything, so that leaving something out takes it away: then what the proxy goes by is remembered beyond the stream.
/// </param>
internal sealed class Subscription(XdsType type, IXdsView view, Rejections rejections, TimeProvider clock, bool saysAll)
{
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _due = new(StringComparer.Ordinal);

    /// <summary>To be answered even though the client may have it: it has asked.</summary>
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private readonly Rejections? _lasting = saysAll ? rejections : null;

    private IReadOnlyList<Item>? _underWay;

    public XdsType Type => type;

    public bool IsUsed { get; private set; }

    /// <summary>Whether the client came with something from an earlier stream.</summary>
    public bool IsResumed { get; private set; }

    public bool Wildcard { get; private set; }

    public IReadOnlyCollection<string> Names => _names;

    public bool IsUnderWay => _underWay is not null;

    public DateTimeOffset UnderWaySince { get; private set; }

    public bool IsDue => _due.Count > 0;

    /// <summary>Whether the client goes by something older, since it has refused what there is.</summary>
    public bool HasRefused => _held.Keys.Any(name => Covers(name) && view.Find(type, name) is { } current && rejections.Find(type, current) is not null);

    public bool Covers(string name) => _names.Contains(name) || (Wildcard && view.IsForAll(type, name));

    /// <summary>
    /// From now on the client wants these too. Each is answered, also when nothing has changed, unless it has just said which version it has.
    /// </summary>
    public void Subscribe(IEnumerable<string> names, bool resumed = false)
    {
        IsUsed = true;
        foreach (var named in names)
        {
            var name = Shared(named);
            _names.Add(name);
            _due.Add(name);
            if (!resumed || !_held.ContainsKey(name))
            {
                _asked.Add(name);
            }
        }
    }

    /// <summary>What the client does not want is forgotten without a word; under "all" it is answered, since the client cannot know.</summary>
    public void Unsubscribe(IEnumerable<string> names)
    {
        IsUsed = true;
        foreach (var name in names)
        {
            _names.Remove(name);
            if (Wildcard)
            {
                _due.Add(name);
                _asked.Add(name);
            }
            else
            {
                Forget(name);
            }
        }
    }

    public void SetWildcard(bool on)
    {
        IsUsed = true;
        if (on && !Wildcard)
        {
            Wildcard = true;
            _due.UnionWith(view.AllNames(type));
        }
        else if (!on && Wildcard)
        {
            Wildcard = false;
            foreach (var name in _held.Keys.Where(name => !_names.Contains(name)).ToList())
            {
                Forget(name);
            }
        }
    }

    /// <summary>What the client has from an earlier stream.</summary>
    public void Resume(string name, string version)
    {
        IsResumed = true;
        var known = view.Find(type, name) is { } current && current.Version == version ? current : XdsResource.Foreign(name, version);
        _held[Shared(name)] = new(known, known, clock.GetTimestamp());
        _due.Add(Shared(name));
    }

    /// <summary>The resource has changed, has come, or has gone.</summary>
    public void Touch(string name)
    {
        if (IsUsed && (Covers(name) || _held.ContainsKey(name)))
        {
            _due.Add(name);
        }
    }

    /// <summary>To be sent though it has not changed, e.g. the endpoints of a cluster that has.</summary>
    public void Repeat(string name)
    {
        if (_names.Contains(name))
        {
            _due.Add(name);
            _asked.Add(name);
        }
    }

    /// <summary>
    /// What is to be sent now: additions and changes, or with <paramref name="removals"/> also what has gone. What turns out to be as the client
    /// has it is due no more.
    /// </summary>
    public List<Item> Due(bool removals)
    {
        List<Item> items = [];
        List<string>? settled = null;
        foreach (var name in _due)
        {
            var wanted = Wanted(name);
            var held = _held.GetValueOrDefault(name);
            if (wanted.IsForeign || (wanted.Hash == (held.Sent?.Hash ?? 0) && !_asked.Contains(name)))
            {
                (settled ??= []).Add(name);
            }
            else if (removals || wanted.Hash != 0 || (held.Sent?.Hash ?? 0) == 0)
            {
                items.Add(new(name, wanted));
            }
        }

        foreach (var name in settled ?? [])
        {
            _due.Remove(name);
            if (!Wanted(name).IsForeign)
            {
                _asked.Remove(name); // What cannot be sent now is still asked for.
            }

            Tidy(name);
        }

        return items;
    }

    /// <summary>These have been sent, and beside them some as they were before.</summary>
    public void Sent(IReadOnlyList<Item> items, IReadOnlyList<Item> unchanged)
    {
        foreach (var (name, resource) in items)
        {
            _held[name] = _held.GetValueOrDefault(name) with { Sent = resource };
            _due.Remove(name);
            _asked.Remove(name);
        }

        // What was due at first is most of what there ever is, so no more room is kept than it takes.
        const int RoomKept = 64;
        if (_due.Count == 0 && _due.Capacity > RoomKept)
        {
            _due.TrimExcess();
            _asked.TrimExcess();
            _held.TrimExcess();
        }

        _underWay = [.. items, .. unchanged];
        UnderWaySince = clock.GetUtcNow();
    }

    /// <summary>There is nothing of these names, and the protocol has no way to say so.</summary>
    public void Drop(IReadOnlyList<Item> items)
    {
        foreach (var (name, _) in items)
        {
            _held[name] = _held.GetValueOrDefault(name) with { Sent = XdsResource.None, Acked = XdsResource.None };
            _due.Remove(name);
            _asked.Remove(name);
            Tidy(name);
        }
    }

    /// <summary>The client has taken what was under way.</summary>
    public void Acknowledge()
    {
        foreach (var (name, resource) in _underWay ?? [])
        {
            if (!_held.TryGetValue(name, out var held))
            {
                if (!Wildcard && !_names.Contains(name))
                {
                    continue;
                }

                // Let go of and wanted again while the response was on its way: whether the client still has it is not known, so it is told again.
                held = new(resource, resource, 0);
                _due.Add(name);
                _asked.Add(name);
            }

            _lasting?.Took(type, name, resource);
            _held[name] = held with { Acked = resource, AckedAt = clock.GetTimestamp() };
            Tidy(name);
        }

        _underWay = null;
    }

    /// <summary>
    /// The client has refused what was under way, and keeps what it had. What its words name is refused, or all of it when they name nothing; but never
    /// what it has taken before, unless that is all there is. What says nothing new, or only that something has gone, cannot be refused.
    /// </summary>
    public void Reject(string error)
    {
        var (underWay, words) = (_underWay ?? [], Said.Words(error, Rejections.ErrorCharsMax));
        var news = underWay.Where(item => item.Resource.Hash != 0 && item.Resource.Hash != _held.GetValueOrDefault(item.Name).Acked?.Hash).ToList();
        if (news.Count == 0)
        {
            Acknowledge();
            return;
        }

        news = OrAll(news, news.FindAll(item => rejections.Good(type, item.Name)?.Hash != item.Resource.Hash));
        foreach (var (_, resource) in OrAll(news, news.FindAll(item => words.Contains(item.Name, StringComparison.Ordinal))))
        {
            rejections.Add(type, resource, words, clock.GetUtcNow());
        }

        foreach (var (name, _) in underWay)
        {
            if (_held.TryGetValue(name, out var held))
            {
                _held[name] = held with { Sent = held.Acked };
                _due.Add(name);
            }
        }

        _underWay = null;

        static List<Item> OrAll(List<Item> all, List<Item> some) => some.Count > 0 ? some : all;
    }

    /// <summary>Everything the client has been sent and still wants: a whole response.</summary>
    public IEnumerable<XdsResource> Whole() =>
        from held in _held
        where held.Value.Sent is { Hash: not 0 } && (Covers(held.Key) || _due.Contains(held.Key))
        select held.Value.Sent;

    /// <summary>Where the client stands with a resource as it is now.</summary>
    public Held Of(string name) => _held.GetValueOrDefault(name);

    public Rejection? RejectionOf(XdsResource resource) => rejections.Find(type, resource);

    public IEnumerable<(string Name, Held Held)> All() => _held.Select(entry => (entry.Key, entry.Value));

    /// <summary>
    /// What the client should have: what there is, or, where it has refused that, what it had before, if only on an earlier stream (a null that was never
    /// sent counts as none).
    /// </summary>
    private XdsResource Wanted(string name) =>
        !Covers(name) || view.Find(type, name) is not { } current ? XdsResource.None
        : rejections.Find(type, current) is null ? current
        : _held.GetValueOrDefault(name).Acked ?? rejections.Good(type, name) ?? XdsResource.None;

    /// <summary>The one string of the name that all streams keep, where there is a resource of that name.</summary>
    private string Shared(string name) => view.Find(type, name)?.Name ?? name;

    private void Forget(string name)
    {
        _lasting?.Took(type, name, null);
        _held.Remove(name);
        _due.Remove(name);
        _asked.Remove(name);
    }

    /// <summary>A name that the client has not named, and has no more, is not remembered: under "all" pools come and go without end.</summary>
    private void Tidy(string name)
    {
        if (_held.TryGetValue(name, out var held) && held.Acked is null or { Hash: 0 } && held.Sent is null or { Hash: 0 } && !_names.Contains(name))
        {
            _held.Remove(name);
        }
    }
}
