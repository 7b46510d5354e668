namespace Fury.Hosting;

/// <summary>
/// Brings the seen world towards the stored wish. One loop in the host runs each of them: on its period, and at once when woken, never twice
/// at the same time. A pass takes no input on purpose, does not retry inside (the next pass is the retry) and may run twice.
/// </summary>
public interface IReconciler
{
    /// <summary>Unique; in logs, in <c>/metrics</c> and the name to wake it by.</summary>
    string Name { get; }

    /// <summary>The safety net when no one wakes it.</summary>
    TimeSpan Period { get; }

    /// <summary>True: on one host of all at a time, under a lease of its name. False: on every host.</summary>
    bool OncePerPlatform { get; }

    /// <summary>One idempotent pass, cancelled after ten minutes and when the lease is lost.</summary>
    /// <param name="fence">The lease's token; 0 for one that runs on every host.</param>
    Task Pass(long fence, CancellationToken cancellation);
}

/// <summary>Wakes reconcilers, on this host at once and on the others by a coalesced notification.</summary>
public interface IWake
{
    /// <summary>Asks for a pass soon. Many calls before it begins are one. Never blocks, never throws; a lost wake costs at most a period.</summary>
    void Reconciler(string name);
}
