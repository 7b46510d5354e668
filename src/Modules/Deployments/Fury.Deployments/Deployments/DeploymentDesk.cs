using System.Security.Cryptography;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Deployments.Planning;
using Fury.Deployments.Scopes;
using Fury.Deployments.Sources;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Where deployments are asked for and looked at: checks the wish, admits it, and hands it to a driver.</summary>
internal sealed class DeploymentDesk(
    ICatalog catalog,
    IDeploymentStore store,
    EventFeed feed,
    Drivers drivers,
    ScopeView scopes,
    World world,
    IGates gates,
    MetricSources sources,
    IWake wake,
    TimeProvider clock)
    : IDeployments
{
    public const int KeyLengthMax = 200;

    private const int CommandAttemptsMax = 20;
    private const int CommandKeysMax = 20;
    private const int ReasonLengthMax = 500;

    public async Task<Outcome<Deployment>> Start(
        ScopeRef scope, DeploymentRequest request, string? key, CancellationToken cancellation) =>
        View(await Admit(scope, request, key, cancellation));

    public async Task<Outcome<Deployment>> Rollback(
        ScopeRef scope, RollbackRequest request, string? key, CancellationToken cancellation) =>
        View(await Admit(scope, request, key, cancellation));

    /// <summary>Like <see cref="Start"/>, and says whether the deployment is new.</summary>
    public async Task<Outcome<Admission>> Admit(ScopeRef scope, DeploymentRequest request, string? key, CancellationToken cancellation) =>
        await (await Check(scope, request, key, cancellation)).Then(wish => Admit(wish, cancellation));

    /// <summary>Reads a request. Freezes its release, and admits nothing.</summary>
    public async Task<Outcome<Wish>> Check(ScopeRef scope, DeploymentRequest request, string? key, CancellationToken cancellation)
    {
        var validation = new Validation();
        var strategy = Policies.StrategyOf(request.Strategy, validation);
        var version = request.Version is null ? (VersionName?)null : validation.Name<VersionName>(request.Version);
        var policy = Policies.Of(strategy, request.Policy, validation, sources.Kinds);
        var route = Steps.RouteOf(strategy, policy, request, validation);
        var whenBusy = validation.Choice(request.WhenBusy, WhenBusy.Refuse, "whenBusy");
        RequireKey(key, validation);
        var by = request.By is null ? null : validation.Person(request.By);
        validation.Require(
            version is null || strategy != Strategy.Migration, request.Version, "nothing: a migration moves the release that the scope runs", "version");
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        if (await world.Misplaced(route, cancellation) is { } nowhere)
        {
            return nowhere;
        }

        var release = strategy == Strategy.Migration ? await Running(scope, cancellation) : await Frozen(scope, version, cancellation);
        return release.Then<Wish>(found =>
            new Wish(scope, strategy, Policies.For(found, policy), found.Id, found.Version, whenBusy, key, Hash("deploy", request with { By = null }))
            {
                Route = route,
                By = by,
            });
    }

    /// <summary>Like <see cref="Rollback"/>, and says whether the deployment is new.</summary>
    public async Task<Outcome<Admission>> Admit(
        ScopeRef scope, RollbackRequest request, string? key, CancellationToken cancellation)
    {
        var validation = new Validation();
        var wanted = request.To is null ? (ReleaseId?)null : validation.Name<ReleaseId>(request.To);
        Policies.Of(Strategy.Rollback, request.Policy, validation, sources.Kinds);
        var whenBusy = validation.Choice(request.WhenBusy, WhenBusy.Refuse, "whenBusy");
        RequireKey(key, validation);
        var by = request.By is null ? null : validation.Person(request.By);
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        var known = await catalog.FindScope(scope, cancellation);
        if (!known.IsOk)
        {
            return known.Fault;
        }

        if (await store.RollbackTarget(scope, wanted, cancellation) is not { } target)
        {
            return Fault.Conflict(wanted is null
                ? $"Scope {scope} has no release to go back to: none but the current one was ever done on it."
                : $"Release {wanted} was never done on scope {scope}; only a release that was can be gone back to.");
        }

        var judged = Policies.Back(target, request.Policy, clock.GetUtcNow(), sources.Kinds);
        var hash = Hash("rollback", request with { By = null });
        var wish = new Wish(scope, Strategy.Rollback, judged, target.Release, target.Version, whenBusy, key, hash) { By = by };
        return await Admit(wish, cancellation);
    }

    public Task<Outcome<Deployment>> Do(DeploymentId deployment, Command command, string? reason, string? key, CancellationToken cancellation) =>
        Do(deployment, command, reason, null, key, cancellation);

    /// <param name="by">Who asks, where that is proven: it stands with the reason, for others who look.</param>
    public async Task<Outcome<Deployment>> Do(
        DeploymentId deployment, Command command, string? reason, string? by, string? key, CancellationToken cancellation)
    {
        var validation = new Validation();
        validation.Require(reason is null || reason.Length <= ReasonLengthMax, reason, $"at most {ReasonLengthMax} characters");
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        var why = (string.IsNullOrWhiteSpace(reason), by) switch
        {
            (true, null) => "asked to.",
            (true, _) => $"{by} has asked to.",
            (false, null) => reason!,
            (false, _) => $"{reason} ({by})",
        };
        return await Change(
            deployment,
            key,
            async (record, now) => command == Command.Finalise
                    && await gates.Of(record, World.SubjectOf(record), Checkpoint.Finalise, cancellation) is { Ruling: not Ruling.Go } stopped
                ? Fault.Conflict($"It may not be finalised now. {stopped.Why}")
                : Commands.Of(command, record, why, now),
            cancellation);
    }

    /// <summary>
    /// Asks for a move of a deployment as it is now, and writes it. A null move: it is so already. The same key again changes nothing.
    /// </summary>
    public async Task<Outcome<Deployment>> Change(
        DeploymentId deployment,
        string? key,
        Func<DeploymentRecord, DateTimeOffset, Task<Outcome<Move.Go?>>> ask,
        CancellationToken cancellation)
    {
        var validation = new Validation();
        RequireKey(key, validation);
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        // Its driver writes too; whoever comes second reads again. A command must get through, so it does not give up at once.
        for (var attempt = 0; attempt < CommandAttemptsMax; attempt++)
        {
            if (await store.Find(deployment, cancellation) is not { } record)
            {
                return Fault.NotFound("deployment", deployment);
            }

            if (key is not null && record.CommandKeys.Contains(key))
            {
                return record.ToDeployment();
            }

            var asked = await ask(record, clock.GetUtcNow());
            if (!asked.IsOk)
            {
                return asked.Fault;
            }

            if (asked.Value is not { } move)
            {
                return record.ToDeployment();
            }

            var appended = await store.Append(record, move with { Next = WithKey(move.Next, key) }, cancellation);
            if (appended.IsOk)
            {
                wake.Reconciler(Drivers.ReconcilerName);
                return appended.Value.ToDeployment();
            }
        }

        return Fault.Unavailable("The deployment moves too fast for a command just now; ask again.");
    }

    public async Task<Outcome<Deployment>> Find(DeploymentId deployment, CancellationToken cancellation) =>
        await store.Find(deployment, cancellation) is { } record ? record.ToDeployment() : Fault.NotFound("deployment", deployment);

    public async Task<Outcome<Page<Deployment>>> List(ScopeRef scope, PageQuery page, CancellationToken cancellation)
    {
        var validation = new Validation();
        Guid before = default;
        validation.Require(page.After is null || Guid.TryParse(page.After, out before), page.After, "the next of the page before", "after");
        validation.Limit(page.Limit);
        if (validation.Fault is { } bad)
        {
            return bad;
        }

        var known = await catalog.FindScope(scope, cancellation);
        if (!known.IsOk)
        {
            return known.Fault;
        }

        var after = page.After is null ? (DeploymentId?)null : new DeploymentId(before);
        var records = await store.List(scope, after, page.Limit + 1, cancellation);
        return Page<Deployment>.Of([.. records.Select(record => record.ToDeployment())], page.Limit, one => one.Id.ToString());
    }

    public IAsyncEnumerable<DeploymentEvent> Events(DeploymentId deployment, long after, CancellationToken cancellation) =>
        feed.Events(deployment, after, cancellation);

    public Task<Outcome<ScopeStatus>> Status(ScopeRef scope, CancellationToken cancellation) => scopes.Status(scope, cancellation);

    private async Task<Outcome<Admission>> Admit(Wish wish, CancellationToken cancellation)
    {
        var admission = await store.Admit(wish, cancellation);
        if (admission is { IsOk: true, Value.Created: true } && !drivers.TryStart(admission.Value.Record.Id, Shards.Of(wish.Scope)))
        {
            wake.Reconciler(Drivers.ReconcilerName);
        }

        return admission;
    }

    /// <summary>The version, with the scope's settings as they are now; without one, the version that the scope runs.</summary>
    private async Task<Outcome<Release>> Frozen(ScopeRef scope, VersionName? version, CancellationToken cancellation) =>
        version is { } named ? await catalog.Freeze(scope, named, cancellation)
            : await (await Running(scope, cancellation)).Then(release => catalog.Freeze(scope, release.Version, cancellation));

    private async Task<Outcome<Release>> Running(ScopeRef scope, CancellationToken cancellation)
    {
        var known = await catalog.FindScope(scope, cancellation);
        return !known.IsOk ? known.Fault
            : await store.FindScope(scope, cancellation) is { Current: [var pool, ..] } ? await catalog.FindRelease(pool.Release, cancellation)
            : Fault.Conflict($"Scope {scope} runs nothing yet: name a version.");
    }

    private static DeploymentRecord WithKey(DeploymentRecord record, string? key) =>
        key is null ? record : record with { CommandKeys = [.. record.CommandKeys.TakeLast(CommandKeysMax - 1), key] };

    private static Outcome<Deployment> View(Outcome<Admission> admission) =>
        admission.IsOk ? admission.Value.Record.ToDeployment() : admission.Fault;

    private static void RequireKey(string? key, Validation validation) => validation.Require(
        key is null || (key.Length is > 0 and <= KeyLengthMax && key.All(letter => letter is > ' ' and < '\x7f')),
        key,
        $"1 to {KeyLengthMax} printable ASCII characters",
        "idempotency-Key");

    private static string Hash<T>(string kind, T request) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {Json.Write(request)}")));
}
