using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>Whose request a run is.</summary>
/// <param name="Hash">Of the request: the same key with another one is a conflict.</param>
internal sealed record RunKey(string Key, string Hash);

/// <summary>Runs and their last lines. Every member is atomic.</summary>
internal interface IRunStore
{
    /// <summary>Runs that are moved on at once.</summary>
    const int UnsettledMax = 500;

    /// <summary>
    /// The one way a run changes: it is locked, changed, and written where it differs, in one transaction. A fault changes nothing;
    /// <see cref="FaultKind.NotFound"/> when there is no such run.
    /// </summary>
    Task<Outcome<JobRun>> Change(RunId id, Func<ITransaction, JobRun, Task<Outcome<JobRun>>> change, CancellationToken cancellation);

    Task<JobRun?> Find(RunId id, CancellationToken cancellation);

    /// <summary>Its end and its last lines, in one transaction; once: a run that has ended, or is elsewhere, stays as it is.</summary>
    Task<Outcome> End(RunId id, int placing, RunEnd end, IReadOnlyList<RunLine> lines, CancellationToken cancellation);

    /// <summary>Whether people have such a cluster.</summary>
    Task<bool> IsRegistered(string cluster, CancellationToken cancellation);

    Task<Outcome<JobRun>> Change(RunId id, Func<JobRun, Outcome<JobRun>> change, CancellationToken cancellation) =>
        Change(id, (_, run) => Task.FromResult(change(run)), cancellation);
}
