using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests;

/// <summary>
/// Deployments that together make every transition of the machine, each with a driver that dies before or after any one of the things that change the world
/// or the record: the one that follows brings it to the same end.
/// </summary>
public sealed class CrashMatrixTests(House house, ITestOutputHelper output) : IClassFixture<House>
{
    private const int StepsMax = 100;
    private const int Stride = 4;

    /// <summary>Other tests of the long run take all processors for minutes.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(5);

    private static readonly Location Here = Planner.FirstLocation;
    private static readonly Location There = Here with { Region = "elsewhere" };

    /// <param name="Judge">What the judge says, by the record alone, so that every driver is told the same.</param>
    /// <param name="Person">What somebody asks for when it is held.</param>
    private sealed record Walk(Strategy Strategy, DeploymentPhase End, Func<DeploymentRecord, Verdict?> Judge, Func<DeploymentRecord, Command>? Person = null)
    {
        public bool CannotStart { get; init; }

        public bool IsAtTwoPlaces { get; init; }

        public OnFail OnFail { get; init; }

        /// <summary>Aborted as soon as it is in this phase.</summary>
        public DeploymentPhase? AbortedIn { get; init; }
    }

    private static readonly Dictionary<string, Walk> Walks = new()
    {
        ["all goes well"] = new(Strategy.Canary, DeploymentPhase.Done, Passes),
        ["all locations go well"] = new(Strategy.Safe, DeploymentPhase.Done, Passes) { IsAtTwoPlaces = true },
        ["it cannot start"] = new(Strategy.BlueGreen, DeploymentPhase.RolledBack, Passes) { CannotStart = true },
        ["it fails in its second step"] = new(Strategy.Canary, DeploymentPhase.RolledBack, record => record.Cell == 1 ? Fails() : Passes(record)),
        ["it fails while it bakes"] = new(
            Strategy.BlueGreen, DeploymentPhase.RolledBack, record => record.Phase == DeploymentPhase.Baking ? Fails() : Passes(record)),
        ["it is held, and somebody promotes it"] = new(Strategy.Canary, DeploymentPhase.Done, UnsureAt(0), _ => Command.Promote),
        ["it is held, and somebody has the step begin again"] = new(
            Strategy.Canary,
            DeploymentPhase.Done,
            record => record.CommandKeys.Count == 0 && record.Cell == 1 ? Unsure() : Passes(record),
            _ => Command.RetryStep),
        ["it is held, and somebody aborts it"] = new(Strategy.Safe, DeploymentPhase.Aborted, UnsureAt(1), _ => Command.Abort),
        ["it is held for ever"] = new(Strategy.Canary, DeploymentPhase.RolledBack, UnsureAt(0)),
        ["it fails and must not go back"] = new(
            Strategy.Canary,
            DeploymentPhase.Done,
            record => record.CommandKeys.Count == 0 && record.Cell == 2 ? Fails() : Passes(record),
            _ => Command.PromoteFull)
        {
            OnFail = OnFail.Hold,
        },
        ["it fails at one location"] = new(
            Strategy.Canary,
            DeploymentPhase.Done,
            record => record.CommandKeys.Count == 0 && record.Cell == 2 ? Fails(There) : Passes(record),
            _ => Command.Resume)
        {
            IsAtTwoPlaces = true,
        },
        ["it moves, and is finalised"] = new(Strategy.Migration, DeploymentPhase.Done, Passes, _ => Command.Finalise),
        ["it moves, and is taken back"] = new(Strategy.Migration, DeploymentPhase.Aborted, Passes, _ => Command.Abort),
        ["it is aborted while it starts"] = new(Strategy.Canary, DeploymentPhase.Aborted, Passes) { AbortedIn = DeploymentPhase.Provisioning },
        ["it is aborted while it spreads"] = new(Strategy.Canary, DeploymentPhase.Aborted, Passes) { AbortedIn = DeploymentPhase.Converging },
    };

    public static TheoryData<string> Names => [.. Walks.Keys];

    /// <summary>At one moment of four, and each second time before it; at all of them, before and after, in the long run.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public Task A_driver_that_dies_at_any_moment_is_followed_by_one_that_comes_to_the_same_end(string walk) =>
        Matrix(walk, 1 + (Walks.Keys.ToList().IndexOf(walk) % Stride), Stride, step => [step / Stride % 2 == 0]);

    [Theory]
    [Trait("Category", "Soak")]
    [MemberData(nameof(Names))]
    public Task A_driver_that_dies_before_and_after_any_moment_is_followed_by_one_that_comes_to_the_same_end(string walk) =>
        Matrix(walk, 1, 1, _ => [false, true]);

    [Fact]
    public async Task The_walks_make_every_transition()
    {
        SortedSet<string> made = new(StringComparer.Ordinal);
        foreach (var walk in Walks.Values)
        {
            var (ended, _) = await Go(walk, int.MaxValue, before: false);
            var phases = (await house.History(ended.Id)).Select(one => Word.Of(one.Phase)).ToList();
            made.UnionWith(phases.Zip(phases.Skip(1), (from, to) => $"{from} > {to}"));
        }

        output.WriteLine(string.Join("\n", made));
        var phasesMade = made.SelectMany(one => one.Split(" > ")).ToHashSet();
        Assert.Empty(Enum.GetValues<DeploymentPhase>().Select(Word.Of).Except(phasesMade));
    }

    private static Verdict? Passes(DeploymentRecord record) => new(VerdictKind.Pass, Cause.Undecided, "It is as good.");

    private static Verdict Fails(Location? at = null) => new(VerdictKind.Fail, Cause.Worse, "It is worse.") { Failing = at is null ? [] : [$"{at}"] };

    private static Verdict Unsure() => new(VerdictKind.Inconclusive, Cause.Shared, "Both suffer.");

    private static Func<DeploymentRecord, Verdict?> UnsureAt(int cell) => record => record.Cell == cell ? Unsure() : Passes(record);

    private async Task Matrix(string name, int first, int stride, Func<int, IEnumerable<bool>> ways)
    {
        var (walk, died) = (Walks[name], true);
        for (var step = first; died; step += stride)
        {
            Assert.True(step < StepsMax);
            died = false;
            foreach (var before in ways(step))
            {
                var (ended, hasDied) = await Go(walk, step, before);
                died |= hasDied;
                await AssertEnd(walk, ended, $"{name}: dead {(before ? "before" : "after")} step {step}");
            }

            Assert.True(died || step > 8, $"Only {step} steps were ever interrupted.");
        }
    }

    /// <summary>From nothing to the end, with a driver that dies, and another.</summary>
    private async Task<(DeploymentRecord Ended, bool Died)> Go(Walk walk, int steps, bool before)
    {
        house.Engine.Places = [Here, There];
        var scope = house.NewScope();
        Place[] places = walk.IsAtTwoPlaces ? [new(Here, 80), new(There, 20)] : [];
        var first = await Admit(scope, "1.0.0", Strategy.AllIn, new([], places), OnFail.Rollback);
        await Drive(first, walk, int.MaxValue, 1);
        if (walk.CannotStart)
        {
            house.Engine.CannotStart(FakeCatalog.IdOf(scope, "1.1.0"), Fault.Invalid("no"));
        }

        var route = new Route([], []) { Relocation = walk.Strategy == Strategy.Migration ? new(null, There) : null };
        var second = await Admit(scope, "1.1.0", walk.Strategy, route, walk.OnFail);
        var died = !(await Drive(second, walk, steps, 2, before)).Ended;
        return (await Drive(second, walk, int.MaxValue, 3), died);
    }

    private async Task AssertEnd(Walk walk, DeploymentRecord ended, string where)
    {
        Assert.True(walk.End == ended.Phase, $"{where}: {ended.Phase}, {ended.Reason}");
        var row = await house.Store.FindScope(ended.Scope, default);
        var version = walk.End == DeploymentPhase.Done ? "1.1.0" : "1.0.0";
        Assert.All(row!.Current, pool => Assert.True(pool.Version.Value == version, where));
        var current = row.Current.Select(pool => pool.Id).ToHashSet();
        var table = (await house.Tables.Current(ended.Scope, default)).Pools.Where(pool => pool.Weight > 0).Select(pool => pool.Pool);
        var active = (await house.Engine.List(ended.Scope, default)).Where(pool => pool.Phase == PoolPhase.Active).Select(pool => pool.Id);
        Assert.True(current.SetEquals(table), $"{where}: others have traffic, or none.");
        Assert.True(current.SetEquals(active), $"{where}: others are left, or none.");
        var numbers = (await house.History(ended.Id)).Select(one => one.Number).ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (long)number), numbers);
    }

    private async Task<DeploymentRecord> Admit(ScopeRef scope, string version, Strategy strategy, Route route, OnFail onFail)
    {
        await house.Catalog.Freeze(scope, VersionName.Parse(version), default);
        var policy = Policies.DefaultOf(strategy) with { OnFail = onFail };
        var id = FakeCatalog.IdOf(scope, version);
        var wish = new Wish(scope, strategy, policy, id, VersionName.Parse(version), WhenBusy.Refuse, null, "hash") { Route = route };
        return (await house.Store.Admit(wish, default)).Value.Record;
    }

    /// <summary>Drives until the end, or dead at so many writes and effects.</summary>
    private async Task<DeploymentRecord> Drive(DeploymentRecord record, Walk walk, int steps, long token, bool before = false)
    {
        var clock = new LeapingClock();
        using var life = new CancellationTokenSource(LifeMax);
        var mortal = new Mortal(house.Store, house.Engine, house.Tables, steps, life, before);
        var world = new World(house.Catalog, [mortal], mortal, mortal, new People(walk, house.Store, clock), new NoGates(), clock);
        await new Driver(record.Id, token, world, mortal, new PoolIndex(), clock, NullLogger<Driver>.Instance).Run(life.Token);
        return (await house.Store.Find(record.Id, default))!;
    }

    /// <summary>The judge, and somebody who asks for what the walk says, once.</summary>
    private sealed class People(Walk walk, IDeploymentStore store, TimeProvider clock) : IVerdicts
    {
        public Judged? Of(DeploymentRecord record) => (record.Strategy == Strategy.AllIn ? Passes(record) : walk.Judge(record)) is { } verdict
            ? new(Judgement.Begin() with { Verdict = verdict, Attempt = record.Attempt }, 1)
            : null;

        public SourceCheck Check(DeploymentRecord record) => SourceCheck.Fine;

        public void Follow(DeploymentRecord record, Action wake)
        {
            var command = record.Strategy == Strategy.AllIn ? null
                : record is { Phase: DeploymentPhase.Held } && walk.Person is { } person ? person(record)
                : record.Phase == walk.AbortedIn ? Command.Abort
                : (Command?)null;
            if (command is { } asked && Commands.Of(asked, record, "asked to.", clock.GetUtcNow()).Value is { } move)
            {
                _ = store.Append(record, move with { Next = move.Next with { CommandKeys = [.. record.CommandKeys, "a"] } }, default).Result;
                wake();
            }
        }

        public Task<PresentTraffic> CountTraffic(ScopeRef scope, IReadOnlyCollection<PoolId> current, CancellationToken cancellation) =>
            Task.FromResult(new PresentTraffic(1000, 0.001, 1));

        public void Forget(DeploymentId deployment)
        {
        }
    }
}
