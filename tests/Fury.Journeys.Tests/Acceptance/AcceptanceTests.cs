using Xunit.Abstractions;
using static Fury.Journeys.Tests.Acceptance.AcceptanceHost;

namespace Fury.Journeys.Tests.Acceptance;

/// <summary>
/// The scenarios of <c>docs/acceptance.md</c> that are journeys of their own. The fixture has begun all of them at once; each test waits for one.
/// </summary>
public sealed class AcceptanceTests(AcceptanceHost host, ITestOutputHelper output) : IClassFixture<AcceptanceHost>
{
    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_03_an_abort_at_80_percent_brings_capacity_back_first(string engine) => host.Played(Capacity.AbortAtEighty, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_04_beside_a_scaled_pool_the_candidate_opens_at_its_share_of_what_is_seen(string engine) =>
        host.Played(Capacity.ScaledPool, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_05_a_crash_loop_that_is_ready_now_and_then_ends_at_the_deadline(string engine) => host.Played(Guards.CrashLoop, engine, output);

    [Fact]
    public Task Scenario_06_a_second_writer_that_edits_the_replica_sets_all_the_time_changes_nothing() =>
        host.Played(Capacity.SecondWriter, Serverless, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_09_a_release_that_comes_at_25_percent_of_another_is_judged_against_the_one_before(string engine) =>
        host.Played(Releases.NextWhileAtAQuarter, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_10_a_change_of_configuration_is_deployed_and_a_rollback_brings_the_old_one_back(string engine) =>
        host.Played(Releases.ConfigurationOnly, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_14_when_a_shared_dependency_fails_nobody_is_taken_back_and_it_is_held(string engine) =>
        host.Played(Verdicts.SharedDependency, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_15_one_sick_replica_is_replaced_and_the_deployment_goes_on(string engine) => host.Played(Verdicts.SickReplica, engine, output);

    [Fact]
    public Task Scenario_16_a_regression_at_one_location_goes_back_there_and_is_held_elsewhere() => host.Played(Places.RegressionInOne, Standard, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_19_a_freeze_that_begins_at_25_percent_holds_it_and_stops_no_way_back(string engine) =>
        host.Played(Guards.FreezeAtAQuarter, engine, output);

    [Theory]
    [InlineData(Standard)]
    [InlineData(Serverless)]
    public Task Scenario_20_a_release_that_must_not_go_back_is_held_when_it_fails(string engine) => host.Played(Guards.ForwardOnly, engine, output);

    [Fact]
    public Task Scenario_22_from_instances_into_a_cluster_by_weight_without_overload_and_back_by_one_table() =>
        host.Played(Places.IntoTheCluster, Standard, output);

    [Fact]
    public Task Scenario_25_a_plan_without_power_says_so_before_the_start_and_what_would_help() => host.Played(Releases.NoPower, Standard, output);
}
