using System.Globalization;
using Fury.Deployments.Campaigns;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Campaigns;

/// <summary>How the deployment of a simulated scope goes.</summary>
internal enum Fate
{
    Good,
    Bad,

    /// <summary>Somebody aborts it.</summary>
    Unwanted,

    /// <summary>Another deployment is in its way at first.</summary>
    Busy,
    Vetoed,

    /// <summary>It can not even begin.</summary>
    Refused,
}

/// <summary>Whoever brought the campaign on is dead.</summary>
internal sealed class Death : Exception;

/// <summary>
/// The record of one campaign and the deployments of its scopes, in memory. What changes one of them may kill who asked for it, before or after. It holds
/// what must hold against each start.
/// </summary>
internal sealed class CampaignWorld(Campaign campaign, IReadOnlyList<Fate> fates, Random random, double deathRate = 0)
    : TimeProvider, ICampaignStore, IDeployments
{
    private const int BusyTries = 2;

    private readonly Dictionary<string, Deployment> _deployments = [];
    private readonly Dictionary<ScopeRef, int> _tries = [];
    private DateTimeOffset _now = campaign.CreatedAt;

    public Campaign Campaign { get; private set; } = campaign;

    public Target[] Targets { get; } =
    [
        .. campaign.Waves
            .SelectMany((size, wave) => Enumerable.Repeat(wave, size))
            .Select((wave, place) => new Target(place, wave, ScopeRef.Parse($"shop/web-{place}"), VersionName.Parse("1.1.0"))),
    ];

    public int Deaths { get; private set; }

    public int Begun => _deployments.Count;

    public IEnumerable<Deployment> InFlight => _deployments.Values.Where(one => one.EndedAt is null);

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>One pass of a driver, which may die, and some time in which deployments may end.</summary>
    public async Task Step()
    {
        try
        {
            await new CampaignDriver(this, this, this).Pass(0, default);
        }
        catch (Death)
        {
            Deaths++;
        }

        _now += TimeSpan.FromSeconds(random.Next(1, 20));
        foreach (var (key, deployment) in _deployments.Where(one => one.Value.EndedAt is null && random.Next(3) == 0).ToList())
        {
            _deployments[key] = deployment.Phase == DeploymentPhase.RetiringCandidate
                ? End(deployment, DeploymentPhase.Aborted, "asked to.")
                : FateOf(deployment.Scope) switch
                {
                    Fate.Bad => End(deployment, DeploymentPhase.RolledBack, "The candidate fails."),
                    Fate.Unwanted => End(deployment, DeploymentPhase.Aborted, "asked to."),
                    _ => End(deployment, DeploymentPhase.Done, "Done."),
                };
        }
    }

    public Task<Outcome<Deployment>> Start(ScopeRef scope, DeploymentRequest request, string? key, CancellationToken cancellation)
    {
        if (_deployments.TryGetValue(key!, out var known))
        {
            return Task.FromResult<Outcome<Deployment>>(known);
        }

        switch (FateOf(scope))
        {
            case Fate.Vetoed:
                return Task.FromResult<Outcome<Deployment>>(Fault.Conflict("Vetoed.").With("vetoedBy", "ann"));
            case Fate.Refused:
                return Task.FromResult<Outcome<Deployment>>(Fault.NotFound("version", "1.1.0"));
            case Fate.Busy when (_tries[scope] = _tries.GetValueOrDefault(scope) + 1) <= BusyTries:
                return Task.FromResult<Outcome<Deployment>>(Fault.Conflict("Busy.").With("deploymentId", "x"));
            default:
                return Deadly(() => Create(scope, request, key!));
        }
    }

    public Task<Outcome<Deployment>> Do(DeploymentId deployment, Command command, string? reason, string? key, CancellationToken cancellation) =>
        Deadly<Outcome<Deployment>>(() =>
        {
            var (name, one) = _deployments.Single(known => known.Value.Id == deployment);
            return one.EndedAt is null ? _deployments[name] = one with { Phase = DeploymentPhase.RetiringCandidate } : Fault.Conflict("It has ended.");
        });

    public Task<IReadOnlyList<Campaign>> Active(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Campaign>>(Campaign.EndedAt is null ? [Campaign] : []);

    public Task<CampaignSeen> Look(Campaign campaign, CancellationToken cancellation) => Task.FromResult(new CampaignSeen(
        [
            .. Targets.Where(target => target.Wave == campaign.Wave && target.IsOpen).Select(target =>
                _deployments.TryGetValue(campaign.KeyOf(target.Scope), out var found)
                    ? new TargetSeen(target, found.Id, found.Phase, found.Reason)
                    : new TargetSeen(target)),
        ],
        [.. Targets.Where(target => target.State == TargetState.Failed)]));

    public Task Note(Guid campaign, Target target, CancellationToken cancellation) => Deadly(() => Targets[target.Place] = target);

    public async Task<Target?> Begin(Campaign campaign, Func<Task<Target>> begin, CancellationToken cancellation)
    {
        if (Campaign.State != CampaignState.Running || Campaign.Wave != campaign.Wave)
        {
            return null;
        }

        var target = await begin();
        return await Deadly(() => Targets[target.Place] = target);
    }

    public Task<Outcome<Campaign>> Change(Guid campaign, Func<Campaign, int, Outcome<Campaign>> change, CancellationToken cancellation) => Deadly(() =>
    {
        var changed = change(Campaign, Targets.Count(target => target.State == TargetState.Failed));
        Campaign = changed.IsOk ? changed.Value : Campaign;
        foreach (var target in Targets.Where(target => Campaign.EndedAt is not null && target.State == TargetState.Waiting))
        {
            Targets[target.Place] = target with { State = TargetState.Skipped };
        }

        return changed;
    });

    /// <summary>Somebody asks for something; people do not die.</summary>
    public void Ask(Func<Campaign, int, Outcome<Campaign>> command) =>
        Campaign = command(Campaign, Targets.Count(target => target.State == TargetState.Failed)) is { IsOk: true } changed ? changed.Value : Campaign;

    public Task<Outcome<Deployment>> Rollback(ScopeRef scope, RollbackRequest request, string? key, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<Outcome<Deployment>> Find(DeploymentId deployment, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Outcome<Page<Deployment>>> List(ScopeRef scope, PageQuery page, CancellationToken cancellation) => throw new NotSupportedException();

    public IAsyncEnumerable<DeploymentEvent> Events(DeploymentId deployment, long after, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Outcome<ScopeStatus>> Status(ScopeRef scope, CancellationToken cancellation) => throw new NotSupportedException();

    private Outcome<Deployment> Create(ScopeRef scope, DeploymentRequest request, string key)
    {
        var wave = Targets[PlaceOf(scope)].Wave;
        Assert.True(Campaign.State == CampaignState.Running, $"{scope} begins while the campaign is {Campaign.State}.");
        Assert.True(InFlight.Count() < Campaign.MaxConcurrent, $"{scope} begins beside {InFlight.Count()} others.");
        Assert.DoesNotContain(_deployments.Values, known => known.Scope == scope);
        Assert.DoesNotContain(InFlight, other => Targets[PlaceOf(other.Scope)].Wave != wave);
        Assert.DoesNotContain(Targets, target => target.Wave < wave && target.IsOpen);
        return _deployments[key] = new Deployment(
            DeploymentId.New(this), scope, Strategy.AllIn, DeploymentPhase.Admitted, null, FakeCatalog.IdOf(scope, request.Version!),
            VersionName.Parse(request.Version!), null, PoolId.New(this), Policies.DefaultOf(Strategy.AllIn), null, _now, null, null, 1);
    }

    private Fate FateOf(ScopeRef scope) => fates[PlaceOf(scope)];

    private static int PlaceOf(ScopeRef scope) => int.Parse(scope.Scope.Value["web-".Length..], CultureInfo.InvariantCulture);

    private Deployment End(Deployment deployment, DeploymentPhase phase, string reason) =>
        deployment with { Phase = phase, Reason = reason, EndedAt = _now };

    private Task<T> Deadly<T>(Func<T> change)
    {
        var (before, after) = (random.NextDouble() < deathRate / 2, random.NextDouble() < deathRate / 2);
        if (before)
        {
            return Task.FromException<T>(new Death());
        }

        var done = change();
        return after ? Task.FromException<T>(new Death()) : Task.FromResult(done);
    }
}
