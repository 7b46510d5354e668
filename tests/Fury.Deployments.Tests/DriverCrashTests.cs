using System.Collections.Concurrent;
using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Deployments.Tests;

/// <summary>A driver is stopped dead after each step that it takes; the one that follows it must bring the deployment to the same end.</summary>
public sealed class DriverCrashTests(House house) : IClassFixture<House>
{
    private const int StepsMax = 60;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scenario_08_a_driver_that_dies_after_any_step_is_followed_by_one_that_ends_the_deployment(bool failing)
    {
        for (var step = 1; ; step++)
        {
            Assert.True(step < StepsMax);
            var scope = house.NewScope();
            var first = await Drive(await Admit(scope, "1.0.0"), int.MaxValue, 1);
            if (failing)
            {
                house.Engine.CannotStart(FakeCatalog.IdOf(scope, "1.1.0"), Fault.Invalid("no"));
            }

            var second = await Admit(scope, "1.1.0");
            var died = !(await Drive(second, step, 2)).Ended;
            var ended = await Drive(second, int.MaxValue, 3);

            Assert.Equal(failing ? DeploymentPhase.RolledBack : DeploymentPhase.Done, ended.Phase);
            var (kept, gone) = failing ? (first.CandidatePool, second.CandidatePool) : (second.CandidatePool, first.CandidatePool);
            Assert.Equal([new PoolWeight(kept, 100)], (await house.Tables.Current(scope, default)).Pools);
            Assert.Equal(PoolPhase.Retired, (await house.Engine.Describe(gone, default)).Value.Phase);
            Assert.Equal(PoolPhase.Active, (await house.Engine.Describe(kept, default)).Value.Phase);
            Assert.Equal(2, house.Engine.Pools.Count(pool => pool.Id == kept || pool.Id == gone));
            var numbers = (await house.History(second.Id)).Select(one => one.Number).ToList();
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(number => (long)number), numbers);
            if (!died)
            {
                Assert.True(step > 8, $"Only {step} steps were ever interrupted.");
                return;
            }
        }
    }

    [Theory]
    [InlineData(WhenUnconverged.TurnBack)]
    [InlineData(WhenUnconverged.Wait)]
    [InlineData(WhenUnconverged.GoOn)]
    public async Task With_a_proxy_that_never_applies_it_ends_as_the_policy_says_whenever_a_driver_dies(WhenUnconverged policy)
    {
        var died = true;
        for (var step = 1; died; step++)
        {
            var scope = house.NewScope();
            var first = await Drive(await Admit(scope, "1.0.0"), int.MaxValue, 1);
            house.Tables.Connect("stuck");
            house.Tables.AutoApply = false;
            var second = await Admit(scope, "1.1.0", Policies.DefaultOf(Strategy.AllIn) with { WhenUnconverged = policy });
            var held = ForgottenWhenHeld("stuck", second.Id);
            died = !(await Drive(second, step, 2, new LeapingClock())).Ended;
            var ended = await Drive(second, int.MaxValue, 3, new LeapingClock());
            house.Tables.Disconnect("stuck");
            house.Tables.AutoApply = true;

            var back = policy == WhenUnconverged.TurnBack;
            Assert.Equal(policy == WhenUnconverged.Wait, await held);
            Assert.Equal(back ? DeploymentPhase.RolledBack : DeploymentPhase.Done, ended.Phase);
            Assert.Equal(back ? second.CandidatePool : null, ended.Leftovers.Select(pool => (PoolId?)pool.Id).FirstOrDefault());
            var old = (await house.Engine.Describe(first.CandidatePool, default)).Value.Phase;
            Assert.Equal(back ? PoolPhase.Active : PoolPhase.Retired, old);
            Assert.Contains(await house.History(second.Id), one => one.Message.Contains("stuck (waiting since", StringComparison.Ordinal));
            Assert.True(died || step > 8, $"Only {step} steps were ever interrupted.");
        }
    }

    [Fact]
    public async Task All_drivers_of_a_deployment_write_one_trace_which_its_id_names()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Fury.Deployments",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        var record = await Admit(house.NewScope(), "1.0.0");
        await Drive(record, 2, 1);
        await Drive(record, int.MaxValue, 2);

        var own = spans.Where(span => span.TraceId.ToHexString() == record.Id.Value.ToString("N")).ToList();
        Assert.Equal(1, own.Count(span => span.OperationName == "phase provisioning" && Equals(span.GetTagItem("fury.next"), "shifting")));
        Assert.Contains(own, span => span is { OperationName: "Ensure", Status: ActivityStatusCode.Ok });
        Assert.All(own, span => Assert.Equal(record.Scope.ToString(), span.GetTagItem("fury.scope")));
        Assert.True(own.Single(span => span.OperationName == "phase provisioning").Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task Scenario_07_an_earlier_driver_changes_nothing_once_a_later_one_has_claimed()
    {
        var record = await Admit(house.NewScope(), "1.0.0");
        var early = (await house.Store.Claim(record.Id, 10, default))!;
        var late = (await house.Store.Claim(record.Id, 11, default))!;
        var abort = Commands.Abort(early, "x", TimeProvider.System.GetUtcNow())!;

        var refused = await house.Store.Append(early, abort, default);

        Assert.True(late.Fence > early.Fence);
        Assert.Equal(FaultKind.Stale, refused.Fault?.Kind);
        Assert.Null(await house.Store.Claim(record.Id, 10, default));
        Assert.Equal(1, (await house.Store.Find(record.Id, default))!.Revision);
        Assert.True((await house.Store.Append(late, abort, default)).IsOk);
        Assert.Equal(FaultKind.Stale, (await house.Store.Append(late, abort, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Concurrent_admissions_to_one_scope_leave_one_in_progress()
    {
        var scope = house.NewScope();
        await house.Catalog.Freeze(scope, VersionName.Parse("1.0.0"), default);

        var admissions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.Store.Admit(WishFor(scope, "1.0.0"), default)));

        var admitted = Assert.Single(admissions, admission => admission.IsOk).Value.Record;
        Assert.All(admissions.Where(one => !one.IsOk), one => Assert.Equal(admitted.Id.ToString(), one.Fault!.Facts["deploymentId"]));
    }

    private static Wish WishFor(ScopeRef scope, string version, Policy? policy = null) => new(
        scope, Strategy.AllIn, policy ?? Policies.DefaultOf(Strategy.AllIn), FakeCatalog.IdOf(scope, version), VersionName.Parse(version),
        WhenBusy.Refuse, null, "hash");

    private async Task<DeploymentRecord> Admit(ScopeRef scope, string version, Policy? policy = null)
    {
        await house.Catalog.Freeze(scope, VersionName.Parse(version), default);
        return (await house.Store.Admit(WishFor(scope, version, policy), default)).Value.Record;
    }

    /// <summary>Drives until the end, or dead after so many writes and effects.</summary>
    private async Task<DeploymentRecord> Drive(DeploymentRecord record, int steps, long token, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        using var life = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var mortal = new Mortal(house.Store, house.Engine, house.Tables, steps, life);
        var world = new World(house.Catalog, [mortal], mortal, mortal, new NoVerdicts(), new NoGates(), clock);
        var driver = new Driver(record.Id, token, world, mortal, new PoolIndex(), clock, NullLogger<Driver>.Instance);
        await driver.Run(life.Token);
        return (await house.Store.Find(record.Id, default))!;
    }

    /// <summary>Forgets the proxy once the deployment is past a deadline and waits on. False when it has ended without.</summary>
    private async Task<bool> ForgottenWhenHeld(string proxy, DeploymentId id)
    {
        DeploymentRecord? record = null;
        await Eventually.True(async () =>
            (record = await house.Store.Find(id, default)) is { Ended: true } or { Laggards.WaitsSince: not null });
        if (record!.Ended)
        {
            return false;
        }

        house.Tables.Disconnect(proxy);
        return true;
    }
}
