using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using NSubstitute;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>The saga of a run, failed, crashed and repeated at every step.</summary>
public sealed class RunJobTests
{
    private static readonly RunId Id = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));

    [Fact]
    public Task A_run_that_fails_at_any_step_ends_all_the_same() => SagaKit.FailsAtEveryStep(() => new World().Case());

    [Fact]
    public Task A_run_that_crashes_at_any_two_points_ends_as_if_it_had_not() => SagaKit.CrashesAtEveryPoint(() => new World().Case(), pairs: true);

    [Fact]
    public Task A_run_whose_every_call_is_made_twice_is_one_job() => SagaKit.TakesEveryCallTwice(() => new World().Case());

    [Fact]
    public Task A_run_that_is_cancelled_and_crashes_at_any_point_is_taken_away_all_the_same() =>
        SagaKit.CrashesAtEveryPoint(() => new World { CancelsWhileItRuns = true }.Case());

    [Fact]
    public Task A_run_that_its_cluster_refuses_ends_whatever_crashes() =>
        SagaKit.CrashesAtEveryPoint(() => new World { Refusal = new(FaultKind.Forbidden, "may not create jobs") }.Case());

    [Fact]
    public Task A_run_that_was_lost_is_taken_away_when_its_cluster_is_back() =>
        SagaKit.CrashesAtEveryPoint(() => new World { LosesItWhileItRuns = true }.Case());

    [Fact]
    public async Task What_is_kept_is_the_end_of_the_job_and_its_lines()
    {
        var world = new World();
        var one = world.Case();

        await new SagaInMemory<RunOrder>(one.Saga, one.Clock).WhileWaiting(one.WhileWaiting).Run(one.Input);

        Assert.Equal((RunPhase.Succeeded, true), (world.Run.Phase, world.Run.IsClean));
        Assert.Equal(["done"], world.Lines.Select(line => line.Text));
        Assert.Equal(1, world.Made);
        Assert.Null(world.Job);
    }

    /// <summary>A cluster with one job at most, which runs until the saga waits for it, and the record of its run.</summary>
    private sealed class World : IRunStore
    {
        private const string Cluster = "one";
        private static readonly SeenAttempt Attempt = new("run-pod", "uid", ReplicaStage.Ready, null, DateTimeOffset.UnixEpoch);

        public World()
        {
            var spec = new RunSpec(
                ReleaseId.Parse("00000000000000aa"),
                VersionName.Parse("1.0.0"),
                new("file:///app", $"sha256:{new string('0', 64)}", "run", []),
                new Dictionary<string, string>(),
                new(100, 64),
                Criticality.Low,
                Retries: 0,
                TimeSpan.FromHours(1),
                Location: null,
                RetryWhenLost: false);
            Run = new(Id, JobsHost.Scope, spec, null, null, Clock.GetUtcNow(), Clock.GetUtcNow().AddHours(1))
            {
                Phase = RunPhase.Running,
                Placing = 1,
                Cluster = Cluster,
                IsClean = false,
            };
        }

        public bool CancelsWhileItRuns { get; init; }

        public bool LosesItWhileItRuns { get; init; }

        public Fault? Refusal { get; init; }

        public TestClock Clock { get; } = new();

        public JobRun Run { get; private set; }

        public ClusterJob? Job { get; private set; }

        public IReadOnlyList<RunLine> Lines { get; private set; } = [];

        /// <summary>How many jobs the cluster ever had.</summary>
        public int Made { get; private set; }

        public SagaCase<RunOrder> Case()
        {
            var clusters = Clusters();
            return new(new RunJob(this, clusters, new RunLines(clusters, Clock), WorkloadIdentity.None, Clock), new(Id, 1, Cluster), HasNothingLeft, ToString)
            {
                Clock = Clock,
                WhileWaiting = GoOn,
            };
        }

        public async Task<Outcome<JobRun>> Change(RunId id, Func<ITransaction, JobRun, Task<Outcome<JobRun>>> change, CancellationToken cancellation)
        {
            var changed = await change(null!, Run);
            Run = changed.IsOk ? changed.Value : Run;
            return changed;
        }

        public Task<JobRun?> Find(RunId id, CancellationToken cancellation) => Task.FromResult<JobRun?>(Run);

        public Task<Outcome> End(RunId id, int placing, RunEnd end, IReadOnlyList<RunLine> lines, CancellationToken cancellation)
        {
            Lines = RunChanges.IsIn(Run, placing) ? lines : Lines;
            Run = RunChanges.Ended(Run, placing, end);
            return Task.FromResult(Outcome.Ok);
        }

        public Task<bool> IsRegistered(string cluster, CancellationToken cancellation) => Task.FromResult(true);

        public void HasNothingLeft()
        {
            Assert.Null(Job);
            Assert.True(Run is { HasEnded: true, IsClean: true }, $"{Run}");
        }

        public override string ToString() => $"{Run.Phase} {Run.Reason} {Run.IsClean} {Made} {Job?.Name} {string.Join(',', Lines.Select(line => line.Text))}";

        private Task GoOn()
        {
            if (Job is null)
            {
                Run = Run with { Seen = [] };
            }
            else if (Run.Seen.Count == 0)
            {
                Run = Run with { Seen = [Attempt] };
            }
            else if (CancelsWhileItRuns)
            {
                Run = RunChanges.Cancel(Run, "no longer wanted", Clock.GetUtcNow()) is { IsOk: true, Value: var cancelled } ? cancelled : Run;
            }
            else if (LosesItWhileItRuns)
            {
                Run = RunChanges.Lost(Run, Cluster, Clock.GetUtcNow());
            }
            else
            {
                Job = Job with { Phase = JobPhase.Succeeded, EndedAt = Clock.GetUtcNow() };
                Run = Run with { Seen = [Attempt with { Stage = ReplicaStage.Succeeded }] };
            }

            return Task.CompletedTask;
        }

        private IClusterApi Clusters()
        {
            var clusters = Substitute.For<IClusterApi>();
            clusters.Clusters.Returns([ClusterName.Parse(Cluster)]);
            clusters.RunJob(default, default!, default).ReturnsForAnyArgs(call => RunOnce(call.Arg<JobWorkload>()));
            clusters.FindJob(default, default!, default).ReturnsForAnyArgs(_ => Found());
            clusters.RemoveJob(default, default!, default).ReturnsForAnyArgs(_ =>
            {
                Job = null;
                return Outcome.Ok;
            });
            clusters.Logs(default, default!, default, default, default).ReturnsForAnyArgs(
                _ => new ReplicaLog(new ReplicaLine[] { new(DateTimeOffset.UnixEpoch, "done") }.ToAsyncEnumerable()));
            return clusters;
        }

        private Outcome<ClusterJob> RunOnce(JobWorkload workload)
        {
            if (Refusal is { } refusal)
            {
                return refusal;
            }

            if (Job is null)
            {
                Made++;
                Job = new(workload.Name, null, workload.Marks, JobPhase.Running, 1, 0, Clock.GetUtcNow(), null, null);
            }

            return Job;
        }

        private Outcome<ClusterJob> Found() => Job is { } job ? job : Fault.NotFound("job", ClusterJobs.NameOf(Id));
    }
}
