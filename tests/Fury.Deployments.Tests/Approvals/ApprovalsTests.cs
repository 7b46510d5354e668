using System.Net;
using Fury.Deployments.Approvals;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Approvals;

/// <summary>Approvals over HTTP. Nobody drives here, so a deployment stays at what it is.</summary>
public sealed class ApprovalsTests(House house) : OverHttp(house, isIdle: true)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        // The scopes of this House are of high criticality.
        await Http.Put("approval-policy", """{"needs":{"high":{"toBegin":2,"toFinalise":1}},"by":"ann","reason":"two pairs of eyes"}""");
    }

    [Fact]
    public void A_person_counts_once_and_who_has_asked_does_not()
    {
        Approval Said(string by, bool approves = true, Checkpoint gate = Checkpoint.Begin) => new(gate, by, approves, null, default);

        Approval[] said = [Said("bob"), Said("BOB"), Said("Ann"), Said("eve", gate: Checkpoint.Finalise)];
        Assert.Equal(new(2, 1, null), ApprovalRules.At(Checkpoint.Begin, 2, "ann", said));
        Assert.True(ApprovalRules.At(Checkpoint.Begin, 2, "ann", [Said("bob"), Said("eve")]).IsGranted);
        Assert.Equal(new(2, 1, "eve"), ApprovalRules.At(Checkpoint.Begin, 2, "ann", [Said("bob"), Said("eve", approves: false)]));
        Assert.True(ApprovalRules.At(Checkpoint.Begin, 0, null, []).IsGranted);
    }

    [Fact]
    public void One_more_is_needed_when_it_is_not_known_who_has_asked()
    {
        Approval[] one = [new(Checkpoint.Begin, "bob", true, null, default)];

        Assert.Equal(new(2, 1, null), ApprovalRules.At(Checkpoint.Begin, 1, null, one));
        Assert.True(ApprovalRules.At(Checkpoint.Begin, 1, null, [.. one, new(Checkpoint.Begin, "eve", true, null, default)]).IsGranted);
    }

    [Fact]
    public async Task A_deployment_waits_until_enough_others_than_its_asker_have_approved_it()
    {
        var deployment = await Ask("ann");
        var before = await Standing(deployment.Id, Checkpoint.Begin);
        var own = await Say(deployment.Id, "approve", "Ann");
        var first = await Say(deployment.Id, "approve", "bob", "looks good");
        var again = await Say(deployment.Id, "approve", "Bob", "really");
        var half = await Standing(deployment.Id, Checkpoint.Begin);
        var second = await Say(deployment.Id, "approve", "eve");

        Assert.Equal((Ruling.Hold, "Waits for approval: 0 of 2 given, by others than ann who asked for it."), (before.Ruling, before.Why));
        Api.AssertRefused(own, HttpStatusCode.Forbidden, "ann has asked for this deployment");
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], new[] { first, again, second }.Select(answer => answer.Status));
        Assert.Equal("Waits for approval: 1 of 2 given, by others than ann who asked for it.", half.Why);
        Assert.Equal(GateStanding.Go, await Standing(deployment.Id, Checkpoint.Begin));
        var view = (await Http.Get($"deployments/{deployment.Id}/approvals")).Read<ApprovalsView>();
        Assert.Equal((new(2, 2, null), new(1, 0, null)), (view.ToBegin, view.ToFinalise));
        Assert.Equal(["bob looks good", "eve "], view.Said.Select(one => $"{one.By} {one.Comment}"));
        Assert.Equal(
            ["Admitted: 1.0.0 by all-in.", "Approved by bob: looks good", "Approved by eve."],
            (await House.History(deployment.Id)).Select(one => one.Message));
        Assert.Equal(("ann", "ann"), (deployment.AskedBy, (await House.History(deployment.Id))[0].Data["by"]));
    }

    [Fact]
    public async Task What_was_approved_to_begin_is_approved_anew_to_be_finalised()
    {
        var deployment = await Ask("ann");
        await Say(deployment.Id, "approve", "bob");
        await Say(deployment.Id, "approve", "eve");
        await Begin(deployment.Id);

        var before = await Standing(deployment.Id, Checkpoint.Finalise);
        var onItsWay = await Standing(deployment.Id, Checkpoint.GoOn);
        await Say(deployment.Id, "approve", "bob");

        Assert.Equal((Ruling.Hold, Ruling.Go), (before.Ruling, onItsWay.Ruling));
        Assert.Equal(GateStanding.Go, await Standing(deployment.Id, Checkpoint.Finalise));
    }

    [Fact]
    public async Task A_rejection_aborts_the_deployment()
    {
        var deployment = await Ask("ann");
        var rejected = await Say(deployment.Id, "reject", "bob", "not on a Friday");
        var late = await Say(deployment.Id, "approve", "eve");

        Assert.Equal("bob: not on a Friday", rejected.Read<ApprovalsView>().ToBegin.RejectedBy);
        Assert.Contains("rejected by bob: not on a Friday", (await House.History(deployment.Id))[^1].Message, StringComparison.Ordinal);
        Assert.Equal(new(Ruling.TurnBack, "Rejected by bob: not on a Friday"), await Standing(deployment.Id, Checkpoint.Begin));
        Api.AssertRefused(late, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_needs_no_approval_can_not_be_approved()
    {
        var deployment = await Ask("ann");
        var ended = await Ask("ann");
        await House.Deployments.Do(ended.Id, Command.Abort, null, null, default);
        var end = await Begin(ended.Id, DeploymentPhase.Aborted);
        await Http.Put("approval-policy", """{"needs":{"critical":{"toBegin":1}},"by":"ann","reason":"less"}""");

        Api.AssertRefused(await Say(deployment.Id, "approve", "bob"), HttpStatusCode.Conflict, "needs no approval to begin");
        Api.AssertRefused(await Say(deployment.Id, "reject", "bob"), HttpStatusCode.Conflict, "abort it");
        Api.AssertRefused(await Say(ended.Id, "approve", "bob"), HttpStatusCode.Conflict, "has ended");
        Api.AssertRefused(await Say(DeploymentId.From(Guid.Empty), "approve", "bob"), HttpStatusCode.NotFound, "deployment");
        Api.AssertRefused(await Http.Get($"deployments/{Guid.Empty}/approvals"), HttpStatusCode.NotFound, "deployment");
        Api.AssertRefused(await Say(deployment.Id, "approve", ""), HttpStatusCode.BadRequest, "by");
        Api.AssertRefused(await Say(deployment.Id, "approve", "bob", new string('x', 501)), HttpStatusCode.BadRequest, "comment");
        Assert.True(end.Ended);
        Assert.Equal(GateStanding.Go, await Standing(deployment.Id, Checkpoint.Begin));
    }

    [Fact]
    public async Task The_policy_is_read_and_replaced_and_a_bad_one_refused()
    {
        var put = await Http.Put("approval-policy", """{"needs":{"critical":{"toBegin":1},"high":{"toFinalise":2}},"by":"ann","reason":"less"}""");
        var found = await Http.Get("approval-policy");

        Assert.Equal(put.Text, found.Text);
        Assert.Equal(new Needed(0, 2), found.Read<ApprovalPolicy>().Of(Criticality.High));
        Api.AssertRefused(
            await Http.Put("approval-policy", """{"needs":{"high":{"toBegin":11},"huge":{"toFinalise":-1}},"by":"","reason":""}"""),
            HttpStatusCode.BadRequest, "needs.high.toBegin", "huge", "needs.huge.toFinalise", "by", "reason");
        Api.AssertRefused(await Http.Put("approval-policy", "{}"), HttpStatusCode.BadRequest, "needs");
    }

    [Fact]
    public async Task A_bad_asker_is_refused()
    {
        var refused = await House.Deployments.Start(House.NewScope(), new("1.0.0", "all-in") { By = "a\tb" }, null, default);

        Assert.Equal("by", Assert.Single(refused.Fault!.Fields).Field);
    }

    private async Task<Deployment> Ask(string by) =>
        (await House.Deployments.Start(House.NewScope(), new("1.0.0", "all-in") { By = by }, null, default)).Value;

    private async Task<DeploymentRecord> Begin(DeploymentId id, DeploymentPhase phase = DeploymentPhase.Provisioning)
    {
        var record = (await House.Store.Find(id, default))!;
        var move = phase == DeploymentPhase.Provisioning
            ? Machine.To(record, phase, TimeSpan.FromMinutes(1), House.Get<TimeProvider>().GetUtcNow(), "It begins.")
            : Machine.End(record, phase, House.Get<TimeProvider>().GetUtcNow(), "It ends.");
        return record.Ended ? record : (await House.Store.Append(record, move, default)).Value;
    }

    private Task<Answer> Say(DeploymentId id, string word, string by, string? comment = null) =>
        Http.Post($"deployments/{id}/{word}", new SayRequest(by, comment));

    private async Task<GateStanding> Standing(DeploymentId id, Checkpoint gate)
    {
        var record = (await House.Store.Find(id, default))!;
        var subject = await House.Get<Subjects>().Of(record.Scope, [], default);
        return await House.Get<IGates>().Of(record, subject.Value, gate, default);
    }
}
