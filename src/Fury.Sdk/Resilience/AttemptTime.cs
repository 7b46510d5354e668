using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Fury.Sdk.Resilience;

/// <summary>How long one attempt may take: its token is cancelled then, or with the caller's. Used again where nothing was cancelled.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Its end disposes the source, or keeps it for the next.")]
internal sealed class AttemptTime
{
    private const int KeptMax = 512;

    private static readonly ConcurrentQueue<AttemptTime> Kept = new();

    private readonly CancellationTokenSource _source;
    private readonly bool _isShared;
    private CancellationTokenRegistration _caller;

    private AttemptTime(CancellationTokenSource source, bool isShared) => (_source, _isShared) = (source, isShared);

    public CancellationToken Token => _source.Token;

    public static AttemptTime Begin(TimeSpan most, TimeProvider clock, CancellationToken caller)
    {
        AttemptTime time;
        if (clock == TimeProvider.System)
        {
            time = Kept.TryDequeue(out var kept) ? kept : new AttemptTime(new CancellationTokenSource(), isShared: true);
            time._source.CancelAfter(most);
        }
        else
        {
            time = new AttemptTime(new CancellationTokenSource(most, clock), isShared: false);
        }

        if (caller.CanBeCanceled)
        {
            time._caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), time._source);
        }

        return time;
    }

    /// <summary>Nobody may look at the token any more.</summary>
    public void End()
    {
        _caller.Dispose();
        _caller = default;
        if (_isShared && Kept.Count < KeptMax && _source.TryReset())
        {
            Kept.Enqueue(this);
        }
        else
        {
            _source.Dispose();
        }
    }
}
