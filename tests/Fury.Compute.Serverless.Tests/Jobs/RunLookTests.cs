using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>What a look at a run comes to, and what becomes of a run; without a cluster.</summary>
public sealed class RunLookTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunStart Started = new(Now.AddMinutes(-1), null);

    [Fact]
    public void A_run_whose_time_is_not_over_and_whose_process_runs_is_looked_at_again()
    {
        var look = RunLook.At(Run(Seen(ReplicaStage.Ready)), Started, Job(JobPhase.Running), Now);

        Assert.Null(look.End);
        Assert.Null(look.After);
    }

    [Fact]
    public void Shortly_before_its_deadline_it_is_looked_at_when_that_comes_and_then_it_has_failed()
    {
        var run = Run(Seen(ReplicaStage.Ready));
        var deadline = Started.At + run.Spec.Deadline;

        Assert.Equal(TimeSpan.FromSeconds(3), RunLook.At(run, Started, Job(JobPhase.Running), deadline.AddSeconds(-3)).After);
        Assert.Equal(RunPhase.Failed, RunLook.At(run, Started, Job(JobPhase.Running), deadline).End?.Phase);
        Assert.Equal(RunPhase.Succeeded, RunLook.At(Run(Seen(ReplicaStage.Succeeded)), Started, Job(JobPhase.Succeeded), deadline).End?.Phase);
    }

    [Fact]
    public void An_end_that_the_watch_has_not_told_of_is_waited_for_and_not_for_ever()
    {
        var run = Run(Seen(ReplicaStage.Ready));

        Assert.Null(RunLook.At(run, Started, Job(JobPhase.Succeeded, endedAt: Now), Now).End);
        Assert.Equal(RunPhase.Succeeded, RunLook.At(run, Started, Job(JobPhase.Succeeded, endedAt: Now.AddMinutes(-2)), Now).End?.Phase);
    }

    [Fact]
    public void The_attempt_that_succeeded_is_waited_for_behind_those_that_failed()
    {
        var job = new ClusterJob("job", null, null, JobPhase.Succeeded, Active: 0, Failures: 1, Now, Now, null);

        Assert.Null(RunLook.At(Run(Seen(ReplicaStage.Failed)), Started, job, Now).End);
        Assert.Equal(RunPhase.Succeeded, RunLook.At(Run(Seen(ReplicaStage.Failed), Seen(ReplicaStage.Succeeded)), Started, job, Now).End?.Phase);
    }

    [Fact]
    public void A_wish_to_end_it_goes_before_all_else()
    {
        var run = Run(Seen(ReplicaStage.Failed)) with { IsCancelling = true, Reason = "no longer wanted" };

        Assert.Equal((RunPhase.Cancelled, "no longer wanted"), Ended(RunLook.At(run, Started, null, Now)));
    }

    [Fact]
    public void What_keeps_its_replica_for_good_ends_it_and_what_may_pass_does_not()
    {
        Assert.Equal((RunPhase.Failed, "why"), Ended(Look(TroubleKind.ArtifactUnavailable)));
        Assert.Equal((RunPhase.Failed, "why"), Ended(Look(TroubleKind.CannotStart)));
        Assert.Null(Look(TroubleKind.NodeLost).End);

        static RunLook Look(TroubleKind kind) =>
            RunLook.At(Run(Seen(ReplicaStage.Starting) with { Trouble = new(kind, "why") }), Started, Job(JobPhase.Running), Now);
    }

    [Fact]
    public void A_replica_that_no_node_takes_ends_it_once_it_should_have_begun()
    {
        var run = Run(Seen(ReplicaStage.Pending) with { Trouble = new(TroubleKind.Unschedulable, "No node takes it.") });

        Assert.Null(RunLook.At(run, Started, Job(JobPhase.Running), Now).End);
        Assert.Equal(
            (RunPhase.Failed, "It could not begin in time. No node takes it."),
            Ended(RunLook.At(run with { StartBy = Now }, Started, Job(JobPhase.Running), Now)));
    }

    [Fact]
    public void A_cluster_that_does_not_answer_ends_nothing_before_the_deadline()
    {
        var away = Fault.Unavailable("It does not answer.");
        var look = RunLook.At(Run(Seen(ReplicaStage.Ready)), Started, away, Now);

        Assert.Equal((null, away.Message), (look.End, look.Why));
    }

    [Fact]
    public void News_of_an_earlier_placing_changes_nothing()
    {
        var moved = Run() with { Placing = 2 };

        Assert.Same(moved, RunChanges.Ended(moved, placing: 1, new(RunPhase.Failed, "late", 0, Now)));
        Assert.Same(moved, RunChanges.Begun(moved, placing: 1, Now));
        Assert.Same(moved, RunChanges.Gone(moved, placing: 1));
        Assert.Same(moved, RunChanges.Lost(moved, "another", Now));
    }

    [Fact]
    public void A_run_that_may_run_twice_never_goes_back_to_a_cluster_that_died_under_it()
    {
        var run = Run() with { Spec = Run().Spec with { RetryWhenLost = true, Location = "local/here" } };

        var lost = RunChanges.Lost(run, "one", Now);
        var request = RunChanges.RequestOf(lost);

        Assert.Equal((RunPhase.Waiting, true), (lost.Phase, lost.IsClean));
        Assert.Equal(["one"], request.Leaving);
        Assert.Equal(["local"], request.Affinities[0].Providers);
        Assert.Equal(["here"], request.Affinities[0].Regions);
        Assert.Equal((1, WorkloadType.Job), (request.Replicas, request.WorkloadType));
    }

    private static (RunPhase?, string?) Ended(RunLook look) => (look.End?.Phase, look.End?.Reason);

    private static Outcome<ClusterJob>? Job(JobPhase phase, DateTimeOffset? endedAt = null) =>
        (Outcome<ClusterJob>)new ClusterJob("run-1", null, null, phase, 1, 0, Now, endedAt, null);

    private static SeenAttempt Seen(ReplicaStage stage) => new("run-pod", "uid", stage, null, Now);

    internal static JobRun Run(params SeenAttempt[] seen) => new(
        new(Guid.Parse("00000000-0000-7000-8000-000000000001")),
        JobsHost.Scope,
        new(
            ReleaseId.Parse("00000000000000aa"), VersionName.Parse("1.0.0"), new("file:///app", "", "run", []), new Dictionary<string, string>(), new(100, 64),
            Criticality.Low, Retries: 0, TimeSpan.FromHours(1), Location: null, RetryWhenLost: false),
        null,
        null,
        Now.AddMinutes(-1),
        Now.AddHours(1))
    {
        Phase = RunPhase.Running,
        Placing = 1,
        Cluster = "one",
        IsClean = false,
        Seen = seen,
    };
}
