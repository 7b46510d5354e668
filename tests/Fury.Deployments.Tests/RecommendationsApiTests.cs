using System.Net;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Deployments.Tests;

/// <summary>What is recommended is in the answer of the API and in the event, and one request takes it.</summary>
public sealed class RecommendationsApiTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task A_candidate_that_fails_under_a_full_processor_is_held_gets_more_replicas_and_is_judged_anew()
    {
        var id = await Failing(House.NewScope(), isSaturated: true);

        var held = (await Http.Get($"deployments/{id}")).Read<Deployment>();
        var told = (await House.History(id)).Last(one => one.Data.GetValueOrDefault("verdict") == "fail");
        var advice = Assert.Single(held.Recommendations, one => one.Kind == RecommendationKind.MoreCapacity);
        Api.AssertRefused(await Take(id, "more-memory"), HttpStatusCode.NotFound, "more-memory is not recommended", "more-capacity");
        Api.AssertRefused(await Take(id, "more-luck"), HttpStatusCode.BadRequest, "more-luck", "more-capacity");
        var taken = await Take(id, "more-capacity");
        var again = await Take(id, "more-capacity");

        Assert.Equal((RecommendedAction.RaiseFloor, "1", "2"), (advice.Action, advice.Numbers["replicas"], advice.Numbers["replicasThen"]));
        Assert.Equal(advice.Sentence, told.Data["recommendation.more-capacity"]);
        Assert.True(taken.Status == HttpStatusCode.OK, $"{taken}");
        Assert.Empty(taken.Read<Deployment>().Recommendations);
        Api.AssertRefused(again, HttpStatusCode.NotFound, "nor is anything else");
        // It is not held again by what was seen before.
        await House.In(id, DeploymentPhase.Judging);
        Assert.Equal((2, 2), await Size(held.CandidatePool));
        Assert.Contains((await House.History(id)), one => one.Message.StartsWith("As recommended: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deployment_of_a_scope_that_it_calls_is_named_and_one_request_holds_it_however_often_it_is_sent()
    {
        var (calm, front, back) = (House.NewScope(), House.NewScope(), House.NewScope());
        House.Tables.Depend(front, [calm, back]);
        await House.Ended((await House.Deploy(back, "1.0.0")).Id);
        var other = (await House.Deploy(back, "1.1.0", "canary", House.Quick with { JudgeSeconds = 600 })).Id;
        await House.In(other, DeploymentPhase.Judging);

        var id = await Failing(front, isSaturated: false);
        var advice = Assert.Single((await Http.Get($"deployments/{id}")).Read<Deployment>().Recommendations);
        var taken = await House.Deployments.Find(other, default);
        Assert.Equal(DeploymentPhase.Judging, taken.Value.Phase);
        var held = (await Take(id, "hold-dependency")).Read<Deployment>();
        var again = (await Take(id, "hold-dependency")).Read<Deployment>();

        Assert.Equal((RecommendationKind.HoldDependency, $"{other}"), (advice.Kind, advice.Numbers["deployment"]));
        Assert.Contains($"{back}", advice.Sentence, StringComparison.Ordinal);
        Assert.Equal((other, DeploymentPhase.Held, held.Revision), (held.Id, held.Phase, again.Revision));
        Assert.Contains($"{id}", held.Held!.Why, StringComparison.Ordinal);
    }

    private Task<Answer> Take(DeploymentId id, string kind) => Http.Post($"deployments/{id}/recommendations/{kind}/take", "");

    private async Task<(int Replicas, int Floor)> Size(PoolId pool)
    {
        var spec = (await House.Engine.Describe(pool, default)).Value.Spec;
        return (spec.Replicas, spec.Floor);
    }

    /// <summary>A deployment that is held and not taken back when it fails, and whose candidate fails one request in four.</summary>
    private async Task<DeploymentId> Failing(ScopeRef scope, bool isSaturated)
    {
        await House.Ended((await House.Deploy(scope, "1.0.0")).Id);
        var second = await House.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600, OnFail = "hold" });
        await House.In(second.Id, DeploymentPhase.Judging);
        var requests = 0;
        await Eventually.True(
            async () =>
            {
                requests += 100;
                House.Tables.Report("proxy", PoolTraffic.None(second.CandidatePool) with { Requests = requests, Errors = requests / 4 });
                var replica = (await House.Engine.Describe(second.CandidatePool, default)).Value.Replicas[0].Id;
                House.Engine.Use(second.CandidatePool, replica, isSaturated ? 1 : 0, 1 << 20);
                return (await House.Deployments.Find(second.Id, default)).Value.Phase == DeploymentPhase.Held;
            },
            TimeSpan.FromSeconds(60),
            "it is held");
        return second.Id;
    }
}
