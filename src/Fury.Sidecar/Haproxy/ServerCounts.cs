using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// A replica's counters since its scope was split, from those of the servers that it has been. They only grow. HAProxy counts every attempt at its server,
/// also one that it makes again elsewhere. Pure.
/// </summary>
/// <param name="from">What its server had counted when the scope was split.</param>
internal sealed class ServerCounts(Endpoint endpoint, Counted from)
{
    private Kinds _before;
    private Kinds _now;
    private Counted _from = from;

    public ReplicaTraffic Now => new(endpoint, Math.Max(_now.Begun, _now.Ended), _now.Ended, _now.Wrong + _now.Silent, []);

    /// <summary>
    /// Takes a reading, as <see cref="PoolCounts.Note"/>. What has ended without an answer was refused, broken or too slow, unless the client had left; as
    /// many of these may be missing as clients have left during an answer.
    /// </summary>
    public void Note(Counted now)
    {
        var (answered, fives) = (now.Answered - _from.Answered, now.Fives - _from.Fives);
        var unanswered = now.BegunBefore - _from.Begun - now.InFlight - answered - fives;
        var silent = Math.Max(_now.Silent, _before.Silent + unanswered - (now.Left - _from.Left));
        _now = new(
            Math.Max(_now.Right, _before.Right + answered),
            Math.Max(_now.Wrong, _before.Wrong + fives),
            silent,
            Math.Max(_now.Left, _before.Left + unanswered - (silent - _before.Silent)),
            Math.Max(_now.Begun, _before.Begun + now.Begun - _from.Begun));
    }

    /// <summary>Its server is gone, or all of HAProxy, and what was in flight is not the replica's fault. A server that comes back counts from zero.</summary>
    public void Cut()
    {
        _now = _now with { Begun = _now.Ended };
        (_before, _from) = (_now, Counted.None(_from.Backend));
    }

    /// <summary>How attempts have ended, each in one of these.</summary>
    private readonly record struct Kinds(long Right, long Wrong, long Silent, long Left, long Begun)
    {
        public long Ended => Right + Wrong + Silent + Left;
    }
}
