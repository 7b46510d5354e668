using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>Runs as real processes in two clusters.</summary>
[Collection(JobsHost.Tests)]
public sealed class JobEngineTests(JobsHost host)
{
    [Fact]
    public async Task A_run_succeeds_with_its_process_and_its_lines_outlive_it()
    {
        var id = await host.Start(host.Job("echo hello of $SCOPE; echo run $FURY_RUN"));

        var run = await host.Ended(id);

        Assert.Equal((RunPhase.Succeeded, null, 0), (run.Phase, run.Reason, run.Failures));
        Assert.NotNull(run.StartedAt);
        Assert.Equal([$"hello of {JobsHost.Scope.Scope}", $"run {id}"], await host.Lines(id));
        await Eventually.True(async () => (await host.Get<IReservationStore>().List(default)).All(promise => promise.Pool != run.Promise));
    }

    [Fact]
    public async Task Another_command_runs_without_the_arguments_of_the_artifact()
    {
        var id = await host.Start(host.Job("echo never") with { Command = "other" });
        var told = await host.Start(host.Job("echo never") with { Command = "other", Arguments = ["two words", "one"] });
        var same = await host.Start(host.Job("echo $@"));

        await host.Ended(id);
        await host.Ended(told);
        await host.Ended(same);

        Assert.Equal(["other"], await host.Lines(id));
        Assert.Equal(["other two words one"], await host.Lines(told));
        Assert.Equal(["an argument"], await host.Lines(same));
    }

    [Fact]
    public async Task A_process_that_fails_is_tried_again_as_often_as_was_asked_for()
    {
        var job = host.Job("echo try; test -e $DATA/once && exit 0; touch $DATA/once; exit 3");
        var again = await host.Start(job with { Retries = 1 });
        var never = await host.Start(host.Job("echo once; exit 3"));

        var failed = await host.Ended(never);
        var succeeded = await host.Ended(again);

        Assert.Equal((RunPhase.Failed, 1), (failed.Phase, failed.Failures));
        Assert.Contains("exit code 3", failed.Reason);
        Assert.Equal((RunPhase.Succeeded, 1), (succeeded.Phase, succeeded.Failures));
        Assert.Equal(["try", "try"], await host.Lines(again));
        Assert.Equal([1, 2], (await host.Runs.Lines(again, default))!.Select(line => line.Attempt));
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_ended_and_what_it_wrote_is_kept()
    {
        var id = await host.Start(host.Job("echo began; exec sleep 600") with { DeadlineSeconds = 2 });

        var run = await host.Ended(id);

        Assert.Equal(RunPhase.Failed, run.Phase);
        Assert.Contains("longer than the 2 s", run.Reason);
        Assert.Equal(["began"], await host.Lines(id));
    }

    [Fact]
    public async Task A_run_can_be_cancelled_while_it_runs_and_only_then()
    {
        var began = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var id = await host.Start(host.Job($"echo began; touch {began}; exec sleep 600"));
        await host.Until(id, run => run.Seen.Any(attempt => attempt.Stage == ReplicaStage.Ready));
        await Eventually.True(() => File.Exists(began));
        File.Delete(began);

        var cancelled = await host.Desk.Cancel(JobsHost.Scope, id, "no longer wanted", default);
        var run = await host.Ended(id);
        var late = await host.Desk.Cancel(JobsHost.Scope, id, null, default);

        Assert.True(cancelled.Value.IsCancelling);
        Assert.Equal((RunPhase.Cancelled, "no longer wanted"), (run.Phase, run.Reason));
        Assert.Equal(["began"], await host.Lines(id));
        Assert.Equal(FaultKind.Conflict, late.Fault?.Kind);
    }

    [Fact]
    public async Task What_fits_nowhere_waits_with_the_reason_and_can_be_cancelled()
    {
        var id = await host.Start(host.Job("exit 0") with { Size = new(64_000, 500_000) });

        var waiting = await host.Until(id, run => run.Reason is not null);
        await host.Desk.Cancel(JobsHost.Scope, id, null, default);
        var run = await host.Ended(id);

        Assert.Equal(RunPhase.Waiting, waiting.Phase);
        Assert.Contains("no node has room", waiting.Reason);
        Assert.Equal((RunPhase.Cancelled, null), (run.Phase, run.Cluster));
    }

    [Fact]
    public async Task What_finds_no_place_in_time_fails_with_the_reason()
    {
        var job = host.Job("exit 0") with { Size = new(64_000, 500_000) };
        var run = (await host.Desk.Freeze(JobsHost.Scope, job.Read(new()), null, null, default)).Value;
        await host.Runs.Admit(run with { StartBy = run.CreatedAt.AddSeconds(3) }, null, default);

        var ended = await host.Ended(run.Id);

        Assert.Equal(RunPhase.Failed, ended.Phase);
        Assert.Contains("could not begin", ended.Reason);
        Assert.Contains("no node has room", ended.Reason);
    }

    [Fact]
    public async Task An_artifact_that_is_nowhere_ends_the_run_long_before_its_deadline()
    {
        var id = await host.Start(new JobRequest(host.Catalog.Nowhere().Value));

        var run = await host.Ended(id);

        Assert.Equal(RunPhase.Failed, run.Phase);
        Assert.Contains("cannot be fetched", run.Reason);
    }

    [Fact]
    public async Task A_run_whose_cluster_dies_is_lost_unless_it_may_run_twice()
    {
        var once = await host.Start(host.Job("exec sleep 600"));
        var twice = await host.Start(host.Job("echo began; test -e $DATA/lost && exit 0; touch $DATA/lost; exec sleep 600") with { RetryWhenLost = true });
        var first = await host.Until(once, IsReady);
        var second = await host.Until(twice, IsReady);
        await Eventually.True(() => File.Exists(Path.Combine(host.Catalog.Data, "lost")));

        await Dies(first.Cluster!, once);
        await Dies(second.Cluster!, twice);
        var lost = await host.Ended(once);
        var moved = await host.Ended(twice);

        Assert.Equal((RunPhase.Lost, 1), (lost.Phase, lost.Placing));
        Assert.Contains($"'{first.Cluster}' has died", lost.Reason);
        Assert.Equal((RunPhase.Succeeded, 2), (moved.Phase, moved.Placing));
        Assert.NotEqual(second.Cluster, moved.Cluster);

        static bool IsReady(JobRun run) => run.Seen.Any(attempt => attempt.Stage == ReplicaStage.Ready);
    }

    [Fact]
    public async Task The_same_key_is_the_same_run_and_another_request_under_it_a_conflict()
    {
        var job = host.Job("exit 0");

        var asked = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.Desk.Start(JobsHost.Scope, job, "key-1", default)));
        var other = await host.Desk.Start(JobsHost.Scope, job with { Retries = 2 }, "key-1", default);

        Assert.Single(asked.Select(one => one.Value.Run.Id).Distinct());
        Assert.Single(asked, one => one.Value.IsNew);
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        await host.Ended(asked[0].Value.Run.Id);
    }

    [Fact]
    public async Task Every_bad_field_is_named_at_once()
    {
        var bad = new JobRequest(
            "one", Command: "", Size: new(1, null), Retries: -1, DeadlineSeconds: 0, StartWithinSeconds: 1, Location: "mars");

        var refused = await host.Desk.Start(JobsHost.Scope, bad, "a key", default);

        Assert.Equal(
            ["version", "command", "size.cpuMillis", "size.memoryMiB", "retries", "deadlineSeconds", "startWithinSeconds", "location", "idempotency-Key",
                "location"],
            refused.Fault?.Fields.Select(field => field.Field));
    }

    [Fact]
    public async Task A_job_that_somebody_takes_out_of_its_cluster_ends_its_run()
    {
        var id = await host.Start(host.Job("exec sleep 600"));
        var run = await host.Until(id, run => run.Seen.Any(attempt => attempt.Stage == ReplicaStage.Ready));

        await host.Get<IClusterApi>().RemoveJob(ClusterName.Parse(run.Cluster), ClusterJobs.NameOf(id), default);
        var ended = await host.Ended(id);

        Assert.Equal(RunPhase.Failed, ended.Phase);
        Assert.Contains("Somebody", ended.Reason);
    }

    /// <summary>What the one who places does with a cluster that has died, for one run.</summary>
    private async Task Dies(string cluster, RunId id)
    {
        var placer = new RunPlacer(host.Runs, host.Get<ILittleMonster>(), TimeProvider.System, NullLogger<RunPlacer>.Instance);
        await placer.Lose(id, cluster, default);
    }
}
