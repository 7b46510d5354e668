namespace Fury.LittleMonster;

/// <summary>What a target takes. Section <c>LittleMonster:Limits:{target}</c>; a target without one of its own has that of its longest prefix.</summary>
public sealed class RateLimitSettings
{
    /// <summary>Calls a second, of all hosts together. Above 0.</summary>
    public double PerSecond { get; set; } = 10;

    /// <summary>Calls that may come at once after a pause, of all hosts together. At least 1.</summary>
    public int Burst { get; set; } = 10;

    /// <summary>Calls under way at the same time, of all hosts together. At least 1.</summary>
    public int Concurrent { get; set; } = 100;

    internal bool IsValid => PerSecond > 0 && Burst >= 1 && Concurrent >= 1;
}

/// <summary>The limits of all targets on this host: its share of each is its share of the shards.</summary>
internal sealed class RateLimits(IReadOnlyDictionary<string, RateLimitSettings> settings)
{
    private readonly Dictionary<string, RateLimit> _limits = new(StringComparer.Ordinal);

    /// <summary>From 0 to 1.</summary>
    public double Share { get; set; } = 1;

    public bool Any => _limits.Count > 0;

    public IReadOnlyCollection<RateLimit> All => _limits.Values;

    /// <summary>Null when nothing limits the target.</summary>
    public RateLimit? Of(string target)
    {
        if (Setting(target) is not { } named)
        {
            return null;
        }

        // One bucket for the name that the limit stands under: its sub-targets share it.
        return _limits.TryGetValue(named.Name, out var limit) ? limit : _limits[named.Name] = new RateLimit(named.Limit, this);
    }

    private (string Name, RateLimitSettings Limit)? Setting(string target)
    {
        for (var name = target; name.Length > 0; name = name[..Math.Max(0, name.LastIndexOf('/'))])
        {
            if (settings.TryGetValue(name, out var limit))
            {
                return (name, limit);
            }
        }

        return null;
    }
}

/// <summary>
/// A token bucket with a bound on calls under way. A target that says it is asked too often gets half as much at once, and a tenth of its
/// limit more with every second that it does not say so again.
/// </summary>
internal sealed class RateLimit(RateLimitSettings settings, RateLimits all)
{
    private const double PaceMin = 0.01;

    private double _tokens = settings.Burst;
    private double _pace = 1;
    private int _underWay;
    private DateTimeOffset? _at;

    /// <summary>Turns that wait for it, by their place in the order of all.</summary>
    public PriorityQueue<StepTurn, long> Parked { get; } = new();

    private double PerSecond => settings.PerSecond * Math.Max(all.Share, 1.0 / SagaToken.ShardsMax) * _pace;

    private int Concurrent => Math.Max(1, (int)(settings.Concurrent * all.Share));

    private double Burst => Math.Max(1, settings.Burst * all.Share);

    /// <summary>Counts a call that begins now, or says no.</summary>
    public bool TryEnter(DateTimeOffset now)
    {
        Refill(now);
        if (_tokens < 1 || _underWay >= Concurrent)
        {
            return false;
        }

        _tokens--;
        _underWay++;
        return true;
    }

    /// <summary>When the next call may begin; null when one that is under way must end first.</summary>
    public DateTimeOffset? NextAt(DateTimeOffset now)
    {
        Refill(now);
        return _underWay >= Concurrent ? null : now + TimeSpan.FromSeconds(Math.Max(0.001, (1 - _tokens) / PerSecond));
    }

    public void Leave() => _underWay--;

    public void Throttled() => _pace = Math.Max(PaceMin, _pace / 2);

    private void Refill(DateTimeOffset now)
    {
        var seconds = _at is { } before && now > before ? (now - before).TotalSeconds : 0;
        _at = now;
        _pace = Math.Min(1, _pace + (seconds * 0.1));
        _tokens = Math.Min(Burst, _tokens + (seconds * PerSecond));
    }
}
