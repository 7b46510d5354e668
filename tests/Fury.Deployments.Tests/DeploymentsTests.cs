using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Deployments.Tests;

/// <summary>Whole deployments with real drivers, leases and database.</summary>
public sealed class DeploymentsTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    public Task InitializeAsync() => house.Started();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_first_deployment_of_a_scope_ends_done_with_all_traffic_on_its_pool()
    {
        var scope = house.NewScope();

        var ended = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);

        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        Assert.Equal([new PoolWeight(ended.CandidatePool, 100)], (await house.Tables.Current(scope, default)).Pools);
        var status = (await house.Deployments.Status(scope, default)).Value;
        Assert.Equal("1.0.0", status.Version?.Value);
        Assert.Null(status.InProgress);
        var asked = (await house.Engine.Describe(ended.CandidatePool, default)).Value.Spec;
        Assert.Equal((Criticality.High, WorkloadType.Worker), (asked.Criticality, asked.Workload));
        Assert.Equal(100, Assert.Single(status.Pools).Weight);
    }

    [Fact]
    public async Task The_next_deployment_takes_the_old_pool_down_after_its_traffic()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);

        var watch = Stopwatch.StartNew();
        var second = await house.Ended((await house.Deploy(scope, "1.1.0")).Id);

        Assert.Equal(DeploymentPhase.Done, second.Phase);
        Assert.Equal(first.CandidatePool, second.CurrentPool);
        Assert.Equal(PoolPhase.Retired, (await house.Engine.Describe(first.CandidatePool, default)).Value.Phase);
        var phases = (await house.History(second.Id)).Select(one => one.Phase);
        Assert.Equal(
            [
                DeploymentPhase.Admitted, DeploymentPhase.Provisioning, DeploymentPhase.Shifting, DeploymentPhase.Converging,
                DeploymentPhase.Draining, DeploymentPhase.Retiring, DeploymentPhase.Done,
            ],
            phases);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task The_engine_is_asked_for_what_each_step_needs()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var old = (await house.Engine.Describe(first.CandidatePool, default)).Value.Spec;
        await house.Engine.Ensure(old with { Replicas = 4 }, default);
        await Eventually.True(async () => (await house.Engine.Describe(old.Id, default)).Value.Ready == 4);

        var steps = new StepRequest[] { new(50, "manual"), new(100, "timed", 0) };
        var second = (await house.Deployments.Start(scope, new("1.1.0", "canary", House.Quick) { Steps = steps }, null, default)).Value;
        await house.In(second.Id, DeploymentPhase.Judging);
        var half = (await house.Engine.Describe(second.CandidatePool, default)).Value.Spec;
        var guarded = (await house.Engine.Describe(old.Id, default)).Value.Spec;
        await house.Deployments.Do(second.Id, Command.Promote, null, null, default);
        await house.Ended(second.Id);

        Assert.Equal((3, 3, 4), (half.Replicas, half.Floor, guarded.Floor));
        Assert.Equal(4, (await house.Engine.Describe(second.CandidatePool, default)).Value.Spec.Replicas);
    }

    [Fact]
    public async Task A_candidate_that_cannot_start_goes_back_and_the_old_pool_keeps_all_traffic()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        house.Engine.CannotStart(FakeCatalog.IdOf(scope, "1.1.0"), Fault.Invalid("The command is no executable."));

        var second = await house.Ended((await house.Deploy(scope, "1.1.0", "blue-green")).Id);

        Assert.Equal(DeploymentPhase.RolledBack, second.Phase);
        Assert.Contains("no executable", second.Reason, StringComparison.Ordinal);
        Assert.Equal([new PoolWeight(first.CandidatePool, 100)], (await house.Tables.Current(scope, default)).Pools);
        Assert.Equal(PoolPhase.Retired, (await house.Engine.Describe(second.CandidatePool, default)).Value.Phase);
        Assert.Equal("1.0.0", (await house.Deployments.Status(scope, default)).Value.Version?.Value);
    }

    [Fact]
    public async Task A_candidate_that_answers_errors_is_turned_back_before_its_window_is_over()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var second = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        await house.In(second.Id, DeploymentPhase.Judging);

        var requests = 0;
        await Eventually.True(async () =>
        {
            requests += 40;
            house.Tables.Report("proxy", PoolTraffic.None(second.CandidatePool) with { Requests = requests, Errors = requests / 2 });
            return (await house.Deployments.Find(second.Id, default)).Value.Ended;
        });
        var ended = await house.Ended(second.Id);

        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        Assert.Contains("(50 %)", ended.Reason, StringComparison.Ordinal);
        Assert.Equal([new PoolWeight(first.CandidatePool, 100)], (await house.Tables.Current(scope, default)).Pools);
    }

    [Fact]
    public async Task A_judgement_without_enough_requests_is_recorded_as_no_evidence_and_not_as_a_pass()
    {
        var scope = house.NewScope();
        var ended = await house.Ended((await house.Deploy(scope, "1.0.0", "blue-green", House.Quick)).Id);

        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        var verdict = Assert.Single((await house.History(ended.Id)), one => one.Data.ContainsKey("verdict"));
        Assert.Equal("insufficient", verdict.Data["verdict"]);
        Assert.EndsWith("Goes on because its time is over and its replicas are healthy.", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_abort_in_any_phase_brings_the_traffic_back()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var second = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        await house.In(second.Id, DeploymentPhase.Judging);

        var aborted = await house.Deployments.Do(second.Id, Command.Abort, "wrong version", null, default);
        var ended = await house.Ended(second.Id);

        Assert.True(aborted.IsOk, aborted.Fault?.ToString());
        Assert.Equal(DeploymentPhase.Aborted, ended.Phase);
        Assert.Contains("wrong version", ended.Reason, StringComparison.Ordinal);
        Assert.Equal([new PoolWeight(first.CandidatePool, 100)], (await house.Tables.Current(scope, default)).Pools);
        Assert.Equal(FaultKind.Conflict, (await house.Deployments.Do(second.Id, Command.Abort, null, null, default)).Fault?.Kind);
    }

    [Fact]
    public async Task A_rollback_goes_to_the_last_release_that_was_done_and_never_to_a_candidate_that_was_not()
    {
        var scope = house.NewScope();
        await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        await house.Ended((await house.Deploy(scope, "1.1.0")).Id);
        house.Engine.CannotStart(FakeCatalog.IdOf(scope, "1.2.0"), Fault.Invalid("no"));
        await house.Ended((await house.Deploy(scope, "1.2.0")).Id);

        var back = await house.Deployments.Rollback(scope, new RollbackRequest(), null, default);
        var ended = await house.Ended(back.Value.Id);
        var never = await house.Deployments.Rollback(scope, new RollbackRequest(FakeCatalog.IdOf(scope, "1.2.0").Value), null, default);

        Assert.Equal((DeploymentPhase.Done, "1.0.0"), (ended.Phase, ended.Version.Value));
        Assert.Equal(Strategy.Rollback, ended.Strategy);
        Assert.Equal(FaultKind.Conflict, never.Fault?.Kind);
    }

    [Fact]
    public async Task A_busy_scope_refuses_with_the_id_and_replaces_when_told_to_and_the_latest_wish_wins()
    {
        var scope = house.NewScope();
        await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var running = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        await house.In(running.Id, DeploymentPhase.Judging);

        var refused = await house.Deployments.Start(scope, new DeploymentRequest("1.2.0", "all-in"), null, default);
        var second = await house.Deployments.Start(scope, new DeploymentRequest("1.2.0", "all-in", null, "replace"), null, default);
        var third = await house.Deployments.Start(scope, new DeploymentRequest("1.3.0", "all-in", null, "replace"), null, default);

        Assert.Equal((FaultKind.Conflict, running.Id.ToString()), (refused.Fault!.Kind, refused.Fault.Facts["deploymentId"]));
        Assert.Equal(DeploymentPhase.Aborted, (await house.Ended(running.Id)).Phase);
        var ended = await house.Ended(third.Value.Id);
        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        Assert.Contains((await house.Ended(second.Value.Id)).Phase, new[] { DeploymentPhase.Aborted, DeploymentPhase.Done });
        Assert.Equal("1.3.0", (await house.Deployments.Status(scope, default)).Value.Version?.Value);
    }

    [Fact]
    public async Task The_same_key_is_the_same_deployment_even_at_the_same_time_and_another_wish_under_it_is_a_conflict()
    {
        var scope = house.NewScope();
        var request = new DeploymentRequest("1.0.0", "all-in");

        var starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.Deployments.Start(scope, request, "key-1", default)));
        var other = await house.Deployments.Start(scope, request with { Version = "1.1.0" }, "key-1", default);

        Assert.Single(starts.Select(start => start.Value.Id).Distinct());
        Assert.Equal(FaultKind.Conflict, other.Fault?.Kind);
    }

    [Fact]
    public async Task The_release_that_is_current_can_be_deployed_again_into_a_fresh_pool()
    {
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);

        var again = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);

        Assert.Equal((DeploymentPhase.Done, first.To), (again.Phase, again.To));
        Assert.NotEqual(first.CandidatePool, again.CandidatePool);
    }

    [Fact]
    public async Task Every_bad_field_is_named_and_nothing_is_admitted()
    {
        var scope = house.NewScope();
        var request = new DeploymentRequest("one", "yolo", new PolicyRequest(ProvisionSeconds: 0, MaxErrorPercent: 101), "maybe");

        var refused = await house.Deployments.Start(scope, request, null, default);
        var unknown = await house.Deployments.Start(scope, new DeploymentRequest("9.9.9", "all-in"), null, default);

        Assert.Equal(
            ["strategy", "version", "policy.provisionSeconds", "policy.maxErrorPercent", "whenBusy"],
            refused.Fault!.Fields.Select(field => field.Field));
        Assert.Equal("one of all-in, blue-green, canary, safe, migration", refused.Fault.Fields[0].Expected);
        Assert.Equal(FaultKind.NotFound, unknown.Fault?.Kind);
        Assert.Empty((await house.Deployments.List(scope, new PageQuery(), default)).Value.Items);
    }
}
