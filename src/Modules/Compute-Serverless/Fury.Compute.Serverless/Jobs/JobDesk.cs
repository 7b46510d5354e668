using System.Security.Cryptography;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Compute.Serverless.Registry;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>Where runs are asked for, looked at and cancelled.</summary>
internal sealed class JobDesk(ICatalog catalog, IRunStore store, RunStore runs, ClusterStore clusters, TimeProvider clock)
{
    public const int KeyLengthMax = 200;

    private const int ReasonLengthMax = 500;

    /// <summary>Takes a run in; the same key again answers the run of the first call.</summary>
    public async Task<Outcome<(JobRun Run, bool IsNew)>> Start(
        ScopeRef scope, JobRequest request, string? key, CancellationToken cancellation)
    {
        var check = new Validation();
        var job = request.Read(check);
        RequireKey(check, key);
        await CheckLocation(check, job.Location, "location", cancellation);
        if (check.Fault is { } bad)
        {
            return bad;
        }

        var run = await Freeze(scope, job, null, null, cancellation);
        return await run.Then(made => runs.Admit(made, key is null ? null : new(key, Hash(request)), cancellation));
    }

    /// <summary>A run of the job with the scope's settings of this moment; nobody has it yet.</summary>
    /// <param name="dueAt">From then on it may wait for a place; null: from now on.</param>
    public async Task<Outcome<JobRun>> Freeze(
        ScopeRef scope, JobTemplate job, ScheduleName? schedule, DateTimeOffset? dueAt, CancellationToken cancellation)
    {
        var settings = await catalog.FindScope(scope, cancellation);
        var release = await settings.Then(_ => catalog.Freeze(scope, job.Version, cancellation));
        var now = clock.GetUtcNow();
        return release.Then<JobRun>(frozen => new JobRun(
            RunId.New(clock),
            scope,
            RunSpec.Of(job, frozen, settings.Value.Criticality),
            schedule,
            dueAt,
            now,
            (dueAt ?? now).AddSeconds(job.StartWithinSeconds)));
    }

    /// <summary>A location is one in which at least one cluster is registered.</summary>
    public async Task CheckLocation(Validation check, string? location, string field, CancellationToken cancellation)
    {
        if (location is not null)
        {
            var registered = await clusters.List(cancellation);
            check.Require(
                registered.Any(one => $"{one.Cluster.Provider}/{one.Cluster.Region}" == location),
                location,
                "provider/region of a registered cluster; 'fury cluster list' names them",
                field);
        }
    }

    public async Task<Outcome<JobRun>> Find(ScopeRef scope, RunId id, CancellationToken cancellation) =>
        await store.Find(id, cancellation) is { } run && run.Scope == scope ? run : Fault.NotFound("run", id);

    public async Task<Outcome<Page<RunView>>> List(ScopeRef scope, string? schedule, PageQuery page, CancellationToken cancellation)
    {
        var check = new Validation();
        Guid before = default;
        check.Require(page.After is null || Guid.TryParse(page.After, out before), page.After, "the next of the page before", "after");
        check.Limit(page.Limit);
        var name = schedule is null ? (ScheduleName?)null : check.Name<ScheduleName>(schedule);
        if (check.Fault is { } bad)
        {
            return bad;
        }

        var known = await catalog.FindScope(scope, cancellation);
        return await known.Then<Page<RunView>>(async _ =>
        {
            var found = await runs.List(scope, name, page.After is null ? null : new RunId(before), page.Limit + 1, cancellation);
            return Page<RunView>.Of([.. found.Select(RunView.Of)], page.Limit, one => one.Id.ToString());
        });
    }

    /// <summary>Ends the run: one that waits at once, one that runs once its lines are kept. <see cref="FaultKind.Conflict"/> when it has ended.</summary>
    public async Task<Outcome<JobRun>> Cancel(ScopeRef scope, RunId id, string? reason, CancellationToken cancellation)
    {
        var check = new Validation();
        check.Require(reason is null || reason.Length <= ReasonLengthMax, reason, $"at most {ReasonLengthMax} characters");
        if (check.Fault is { } bad)
        {
            return bad;
        }

        var why = string.IsNullOrWhiteSpace(reason) ? "Somebody has cancelled it." : reason;
        return await (await Find(scope, id, cancellation)).Then(_ =>
            store.Change(id, run => RunChanges.Cancel(run, why, clock.GetUtcNow()), cancellation));
    }

    public static void RequireKey(Validation check, string? key) => check.Require(
        key is null || (key.Length is > 0 and <= KeyLengthMax && key.All(letter => letter is > ' ' and < '\x7f')),
        key,
        $"1 to {KeyLengthMax} printable ASCII characters",
        "idempotency-Key");

    private static string Hash(JobRequest request) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RunRow.Write(request))));
}
