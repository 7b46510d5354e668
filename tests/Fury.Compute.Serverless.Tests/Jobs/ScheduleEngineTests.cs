using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Jobs.Schedules;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Compute.Serverless.Tests.Jobs;

/// <summary>Schedules that are due half a year from now, by a clock that is set there; their runs are real processes.</summary>
[Collection(JobsHost.Tests)]
public sealed class ScheduleEngineTests(JobsHost host) : IAsyncLifetime
{
    private const string Forever = "exec sleep 600";

    private static readonly ScheduleName Name = ScheduleName.Parse("nightly");
    private readonly ScopeRef _scope = ScopeRef.Parse($"shop/test-{Guid.NewGuid().ToString("N")[..8]}");

    private ScheduleStore Store => host.Get<ScheduleStore>();

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>So that the clock of the next test does not reach it.</summary>
    public Task DisposeAsync() => Store.Remove(_scope, Name, default);

    [Fact]
    public async Task A_run_that_is_due_while_the_one_before_has_not_ended_is_left_out_when_that_is_forbidden()
    {
        var due = await Put(Forever, "forbid");

        await Pass(due);
        var first = Assert.Single(await Runs());
        await host.Until(first.Id, run => run.Phase == RunPhase.Running);
        await Pass(due.AddMinutes(1));
        var left = await Store.Find(_scope, Name, default);
        await host.Desk.Cancel(_scope, first.Id, null, default);
        await host.Ended(first.Id);
        await Pass(due.AddMinutes(2));

        Assert.Contains($"{first.Id}", left!.LeftOut);
        Assert.Equal([due.AddMinutes(2), due], (await Runs()).Select(run => run.DueAt));
        Assert.Null((await Store.Find(_scope, Name, default))!.LeftOut);
        await CancelAll();
    }

    [Fact]
    public async Task A_run_that_replaces_the_one_before_begins_when_nothing_of_that_is_left()
    {
        // Whoever begins beside another fails, and the first takes its time to go.
        var due = await Put(
            """
            mkdir $DATA/alone || exit 7
            if test -e $DATA/replaced; then rmdir $DATA/alone; exit 0; fi
            trap 'sleep 0.7; rmdir $DATA/alone; exit 0' TERM
            touch $DATA/replaced
            while :; do sleep 0.05; done
            """,
            "replace");

        await Pass(due);
        var first = Assert.Single(await Runs());
        await Eventually.True(() => File.Exists(Path.Combine(host.Catalog.Data, "replaced")));
        await Pass(due.AddMinutes(1));
        var second = (await Runs())[0];
        var old = await host.Ended(first.Id);
        var run = await host.Ended(second.Id);

        Assert.Equal(RunPhase.Cancelled, old.Phase);
        Assert.Contains($"{second.Id}", old.Reason);
        Assert.Equal(RunPhase.Succeeded, run.Phase);
        Assert.True(run.StartedAt >= old.EndedAt, $"{run.StartedAt} {old.EndedAt}");
    }

    [Fact]
    public async Task Runs_go_on_side_by_side_when_that_is_allowed()
    {
        var due = await Put(Forever, "allow");

        await Pass(due);
        await Pass(due.AddMinutes(1));
        var runs = await Runs();
        await Task.WhenAll(runs.Select(run => host.Until(run.Id, known => known.Seen.Any(attempt => attempt.Stage == ReplicaStage.Ready))));

        Assert.Equal(2, runs.Count);
        Assert.All(await Runs(), run => Assert.Equal(RunPhase.Running, run.Phase));
        await CancelAll();
    }

    [Fact]
    public async Task Two_hosts_that_both_believe_that_it_is_theirs_to_do_make_one_run_for_each_time()
    {
        var due = await Put("exit 0", "allow");
        await using var other = host.BuildServices();

        for (var minute = 0; minute < 5; minute++)
        {
            var now = due.AddMinutes(minute);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(turn => Pass(now, turn % 2 == 0 ? host.Services : other)));
        }

        Assert.Equal([.. Enumerable.Range(0, 5).Select(minute => due.AddMinutes(4 - minute))], (await Runs()).Select(run => run.DueAt!.Value));
        await Task.WhenAll((await Runs()).Select(run => host.Ended(run.Id)));
    }

    [Fact]
    public async Task A_version_that_is_gone_is_why_a_time_was_left_out()
    {
        var due = await Put("exit 0", "forbid");
        var schedule = (await Store.Find(_scope, Name, default))!;
        await Store.Put(schedule with { Job = schedule.Job with { Version = VersionName.Parse("9.9.9") } }, default);

        await Pass(due);

        Assert.Empty(await Runs());
        Assert.Contains("9.9.9", (await Store.Find(_scope, Name, default))!.LeftOut);
    }

    [Fact]
    public async Task Somebody_can_run_it_now_as_its_policy_says_and_the_same_key_is_the_same_run()
    {
        await Put(Forever, "forbid");
        var schedule = (await Store.Find(_scope, Name, default))!;

        var first = await Start("key-1");
        var same = await Start("key-1");
        var other = await Start("key-2");

        Assert.Equal((first.Value.Run.Id, false), (same.Value.Run.Id, same.Value.IsNew));
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
        await CancelAll();

        async Task<Outcome<(JobRun Run, bool IsNew)>> Start(string key) => await Store.Start(
            schedule, (await host.Desk.Freeze(_scope, schedule.Job, Name, null, default)).Value, new(key, "run"), default);
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_what_was_due_while_it_was_paused_is_not_made_up_for()
    {
        var due = await Put("exit 0", "forbid");
        var before = (await Store.Find(_scope, Name, default))!;
        var same = (await Store.Put(before with { DoneUntil = due, Revision = 1 }, default)).Value;

        await Store.Pause(_scope, Name, true, due.AddMinutes(-1), default);
        await Pass(due);
        var resumed = await Store.Pause(_scope, Name, false, due.AddSeconds(30), default);
        await Pass(due.AddSeconds(40));

        Assert.Equal((before.Revision, before.DoneUntil), (same.Revision, same.DoneUntil));
        Assert.Equal(due.AddMinutes(1), resumed.Value.Next);
        Assert.Empty(await Runs());
    }

    [Fact]
    public async Task Of_old_runs_as_many_are_kept_as_the_schedule_says()
    {
        await Put("exit 0", "forbid");
        for (var day = 0; day < 5; day++)
        {
            await Over(RunPhase.Succeeded, TimeProvider.System.GetUtcNow().AddDays(-day), Name);
            await Over(RunPhase.Failed, TimeProvider.System.GetUtcNow().AddDays(-day).AddHours(-1), Name);
        }

        await Over(RunPhase.Failed, TimeProvider.System.GetUtcNow().AddDays(-29), null);
        await Over(RunPhase.Failed, TimeProvider.System.GetUtcNow().AddDays(-31), null);

        await Tidy().Pass(0, default);

        var kept = (await Runs()).GroupBy(run => (run.Schedule is null, run.Phase)).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(
            new Dictionary<(bool, RunPhase), int> { [(false, RunPhase.Succeeded)] = 3, [(false, RunPhase.Failed)] = 2, [(true, RunPhase.Failed)] = 1 }, kept);
    }

    [Fact]
    public async Task A_job_of_ours_that_no_record_has_there_is_taken_away_and_what_others_run_is_left_alone()
    {
        var clusters = host.Get<IClusterApi>();
        var one = ClusterName.Parse("one");
        var version = host.Catalog.Script(Forever);
        var made = (await host.Desk.Freeze(_scope, new JobRequest(version.Value).Read(new()), null, null, default)).Value;
        var (orphan, others) = (ClusterJobs.Of(made, WorkloadIdentity.None), ClusterJobs.Of(made, WorkloadIdentity.None) with { Name = "somebodys-own" });
        await clusters.RunJob(one, orphan, default);
        await clusters.RunJob(one, others, default);
        var kept = await host.Start(new JobRequest(version.Value), _scope);
        await host.Until(kept, run => run.Phase == RunPhase.Running);
        var tidy = Tidy();

        await tidy.Pass(0, default);
        var afterOne = await clusters.FindJob(one, orphan.Name, default);
        await tidy.Pass(0, default);

        Assert.True(afterOne.IsOk);
        await Eventually.True(async () => (await clusters.FindJob(one, orphan.Name, default)).Fault?.Kind == FaultKind.NotFound);
        Assert.True((await clusters.FindJob(one, others.Name, default)).IsOk);
        Assert.Equal(RunPhase.Running, (await host.Runs.Find(kept, default))!.Phase);
        await clusters.RemoveJob(one, others.Name, default);
        await CancelAll();
    }

    /// <summary>A schedule of every minute of one hour in half a year.</summary>
    /// <returns>The first of these.</returns>
    private async Task<DateTimeOffset> Put(string script, string concurrency)
    {
        var check = new Validation();
        var now = TimeProvider.System.GetUtcNow();
        var request = new ScheduleRequest(
            $"* 3 1 {now.AddMonths(6).Month} *", host.Job(script), "America/Sao_Paulo", concurrency, SucceededKept: 3, FailedKept: 2);
        var put = await Store.Put(request.Read(check, _scope, Name, now), default);
        Assert.Null(check.Fault);
        return put.Value.Next!.Value;
    }

    private async Task Pass(DateTimeOffset now, IServiceProvider? services = null)
    {
        var of = services ?? host.Services;
        await new ScheduleReconciler(
            of.GetRequiredService<ScheduleStore>(), of.GetRequiredService<JobDesk>(), new TestClock(now), NullLogger<ScheduleReconciler>.Instance)
            .Pass(0, default);
    }

    private RunTidy Tidy() => new(
        host.Get<ClusterStore>(), host.Get<IClusterApi>(), host.Runs, TimeProvider.System, NullLogger<RunTidy>.Instance);

    private Task<IReadOnlyList<JobRun>> Runs() => host.Runs.List(_scope, null, null, 100, default);

    private async Task Over(RunPhase phase, DateTimeOffset at, ScheduleName? schedule)
    {
        var job = new JobRequest(host.Catalog.Nowhere().Value).Read(new());
        var run = (await host.Desk.Freeze(_scope, job, schedule, schedule is null ? null : at, default)).Value;
        await host.Runs.Admit(run with { Phase = phase, EndedAt = at, IsSettled = true }, null, default);
    }

    private async Task CancelAll()
    {
        foreach (var run in (await Runs()).Where(run => !run.IsSettled))
        {
            await host.Desk.Cancel(_scope, run.Id, null, default);
            await host.Ended(run.Id);
        }
    }
}
