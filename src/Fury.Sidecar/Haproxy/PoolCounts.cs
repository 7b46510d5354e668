using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// A pool's counters since this process started, from those of the backends that it has had and of the HAProxies that these were in. They only grow,
/// but for what is in flight. Pure.
/// </summary>
internal sealed class PoolCounts(PoolId pool)
{
    private PoolTraffic _before = PoolTraffic.None(pool);
    private Counted? _from;

    /// <summary>As of the last reading.</summary>
    public PoolTraffic Now { get; private set; } = PoolTraffic.None(pool);

    /// <summary>When the pool left the routes, as a timestamp of the clock; null while it is in them.</summary>
    public long? LeftAt { get; set; }

    /// <summary>The pool is given a backend that has counted for others before.</summary>
    /// <param name="from">What that has counted until now.</param>
    public void Begin(Counted from)
    {
        _before = Now;
        _from = from;
    }

    /// <summary>Takes a reading of its backend.</summary>
    /// <param name="errors">5xx that its servers have answered, those that are gone included, since HAProxy has started.</param>
    public void Note(Counted now, long errors)
    {
        // Numbers are read one after the other while requests come and go, and an answer of 5xx is counted before its request has ended. So that
        // none of them goes back, nor their sum differs from the requests that have ended, what is ahead waits for the next reading.
        var from = _from ?? new(now.Backend, null, 0, 0, 0, 0, 0);
        var ended = Math.Max(0, _before.Requests + now.Ended - from.Ended - Now.Requests);
        var failed = Math.Clamp(_before.Failures + now.Failures - from.Failures - Now.Failures, 0, ended);
        var wrong = Math.Clamp(_before.Errors + errors - from.Errors - Now.Errors, 0, ended - failed);
        Now = Now with
        {
            Begun = Math.Max(Now.Begun, _before.Begun + now.Begun - from.Begun),
            Requests = Now.Requests + ended,
            Errors = Now.Errors + wrong,
            Failures = Now.Failures + failed,
            InFlight = (int)now.InFlight,
        };
    }

    /// <summary>Its HAProxy is gone: what was in flight got no answer. The next one counts from zero.</summary>
    public void Cut()
    {
        var cut = Math.Max(0, Now.Begun - Now.Requests);
        Now = Now with { Requests = Now.Requests + cut, Failures = Now.Failures + cut, InFlight = 0 };
        _before = Now;
        _from = null;
    }

    public bool HasMoved(PoolTraffic? since) =>
        Now.InFlight != (since?.InFlight ?? 0) || Now.Begun != (since?.Begun ?? 0) || Now.Requests != (since?.Requests ?? 0);
}
