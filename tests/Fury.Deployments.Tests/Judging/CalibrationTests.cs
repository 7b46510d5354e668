using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

public sealed class CalibrationTests
{
    private static readonly SimulatedTraffic Stable = new() { Weight = 0, Candidates = 1, Currents = 16, Burst = 5, ErrorShare = 0.002 };

    [Fact]
    public void A_stable_pool_does_not_fail_against_itself()
    {
        var kinds = Enumerable.Range(1, 40).Select(seed => Calibration.OfStable(new(), Stable.Ticks(seed, 240), seed).Kind).ToList();

        // One in a thousand does, and one of these forty is that one.
        Assert.InRange(kinds.Count(kind => kind == VerdictKind.Fail), 0, 1);
        Assert.InRange(kinds.Count(kind => kind == VerdictKind.Pass), 20, 40);
    }

    [Fact]
    public void A_pool_that_is_two_pools_does()
    {
        var (policy, failed) = (new JudgePolicy(), 0);
        for (var seed = 1; seed <= 20; seed++)
        {
            // Whatever half they fall into, every second replica has twenty times the errors, so most splits are uneven.
            var ticks = Stable.Ticks(seed, 240).Select(tick => tick with { Lanes = [tick.Lanes[0] with { Current = Uneven(tick.Lanes[0].Current!) }] });
            failed += Calibration.OfStable(policy, ticks, seed).Kind == VerdictKind.Fail ? 1 : 0;
        }

        Assert.InRange(failed, 1, 20);
    }

    [Fact]
    public void Without_replicas_it_says_nothing() =>
        Assert.Equal(Cause.NoData, Calibration.OfStable(new(), (Stable with { TellsReplicas = false }).Ticks(1, 20), 1).Cause);

    private static Arm Uneven(Arm arm)
    {
        IReadOnlyList<ReplicaCounts> replicas =
            [.. arm.Replicas!.Select((replica, index) => index % 2 == 0 ? replica : replica with { Errors = replica.Requests / 25 })];
        return arm with { Replicas = replicas, Errors = replicas.Sum(replica => replica.Errors) };
    }
}
