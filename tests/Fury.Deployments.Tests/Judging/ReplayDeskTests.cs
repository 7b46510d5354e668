using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests.Judging;

/// <summary>A deployment that has ended is judged again, over the API.</summary>
public sealed class ReplayDeskTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task Recorded_ticks_give_the_verdicts_of_the_events_again_by_another_policy_others_and_forgotten_ones_none()
    {
        var failed = await Failed(House);
        var told = (await House.History(failed)).Last(one => one.Data.GetValueOrDefault("verdict") == "fail");
        var replay = $"deployments/{failed}/judgement/replay";

        var again = (await Http.Post(replay, "")).Read<JudgementReplay>();
        var lenient = (await Http.Post(replay, new { maxErrorPercent = 99.9, toleratedRatio = 90, acceptableRatio = 100 })).Read<JudgementReplay>();
        var now = (await Http.Get($"deployments/{failed}/judgement")).Read<JudgementStatus>();

        Assert.True(again.Identical, string.Join("; ", again.Differences));
        Assert.InRange(again.Compared, 1, 10);
        Assert.Equal(("fail", told.Data["verdictCause"], told.Data["tick"]), (again.History[^1].Verdict, again.History[^1].Cause, $"{again.History[^1].Tick}"));
        Assert.Contains(again.History[^1].Sentence, told.Message, StringComparison.Ordinal);
        Assert.Equal(told.Data["errors.candidate"], again.History[^1].Facts["errors.candidate"]);
        Assert.DoesNotContain(lenient.History, one => one.Verdict == "fail");
        Assert.False(lenient.Identical);
        Assert.Contains(lenient.Differences, one => one is { Fact: "verdict", Recorded: "fail", Replayed: not "fail" } && one.Event == told.Number);
        Assert.Equal((again.Ticks, "fail", again.History[^1].Sentence), (now.Tick, now.Verdict, again.History[^1].Sentence));

        await House.Get<EvidenceStore>().Forget(DateTimeOffset.MaxValue, 1, default);
        Api.AssertRefused(await Http.Post(replay, ""), HttpStatusCode.Conflict, "forgotten from tick 1 on", "100 days");
        Api.AssertRefused(await Http.Get($"deployments/{failed}/judgement"), HttpStatusCode.Conflict, "forgotten from tick 1 on");
    }

    [Fact]
    public async Task What_cannot_be_tried_or_was_never_judged_is_refused_with_what_would_be_right()
    {
        var done = await House.Ended((await House.Deploy(House.NewScope(), "1.0.0")).Id);
        var replay = $"deployments/{done.Id}/judgement/replay";

        Api.AssertRefused(
            await Http.Post(replay, new { toleratedRation = 2, minRequests = 1.5 }),
            HttpStatusCode.BadRequest, "judge.toleratedRation", "toleratedRatio", "darkSeconds", "judge.minRequests", "a whole number");
        Api.AssertRefused(await Http.Post(replay, new { falsePass = 2 }), HttpStatusCode.BadRequest, "judge.falsePass", "below 0.5");
        Api.AssertRefused(await Http.Post(replay, new { }), HttpStatusCode.Conflict, "was not judged");
        Api.AssertRefused(await Http.Get($"deployments/{done.Id}/judgement"), HttpStatusCode.Conflict, "was not judged");
        Api.AssertRefused(await Http.Get($"deployments/{Guid.NewGuid()}/judgement"), HttpStatusCode.NotFound);
    }

    [Fact]
    public void Every_field_that_may_be_tried_is_tried()
    {
        var (own, tried) = (new JudgePolicy(), new JudgeFields());
        foreach (var field in typeof(JudgeFields).GetProperties().Where(field => field.PropertyType != typeof(IReadOnlyList<string>)))
        {
            field.SetValue(tried, field.PropertyType == typeof(int?) ? 7 : (object)7.5);
            Assert.NotEqual(own, own.With(tried));
            own = own.With(tried);
        }

        Assert.Equal(typeof(JudgePolicy).GetProperties().Length - 1, JudgeFields.Names.Count);
    }

    /// <summary>A deployment whose candidate fails one request in four, which turns it back.</summary>
    internal static async Task<DeploymentId> Failed(House house)
    {
        var scope = house.NewScope();
        await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        var second = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        await house.In(second.Id, DeploymentPhase.Judging);
        var requests = 0;
        await Fury.Testing.Eventually.True(
            async () =>
            {
                requests += 100;
                house.Tables.Report("proxy", PoolTraffic.None(second.CandidatePool) with { Requests = requests, Errors = requests / 4 });
                return (await house.Deployments.Find(second.Id, default)).Value.Ended;
            },
            TimeSpan.FromSeconds(60),
            "it turns back");
        return second.Id;
    }
}
