using Fury.Deployments.Campaigns;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Campaigns;

/// <summary>What is done next, state by state.</summary>
public sealed class CampaignRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("first wave", "w", 0, "begin 0")]
    [InlineData("what is in flight is waited for", "r", 0, "")]
    [InlineData("a wave that has ended", "d", 0, "note 0 done; wave 2")]
    [InlineData("a failure below what is allowed", "f", 0, "note 0 failed; wave 2")]
    [InlineData("a deployment that people aborted is no failure", "a", 1, "note 0 skipped; wave 2")]
    [InlineData("as many as may be in flight", "wwwww", 0, "begin 0, begin 1, begin 2")]
    [InlineData("and no more", "rrwww", 0, "begin 2")]
    [InlineData("room is made by an end", "rrdww", 0, "note 2 done; begin 3")]
    [InlineData("a start that a crash kept off the record", "uwwww", 0, "note 0 running; begin 1, begin 2")]
    [InlineData("the last failure that is allowed stops it", "ffwww", 0, "note 0 failed, note 1 failed; stopped")]
    [InlineData("failures of earlier waves count", "fwwww", 1, "note 0 failed; stopped")]
    [InlineData("a wave that ends with the last failure", "f", 1, "note 0 failed; stopped")]
    public void A_running_campaign_goes_on(string why, string open, int failed, string moves) =>
        Assert.True(Told(Campaign(), open, failed) == moves, $"{why}: {Told(Campaign(), open, failed)}");

    [Theory]
    [InlineData("d", 0, "note 0 done; done")]
    [InlineData("f", 1, "note 0 failed; done")]
    [InlineData("", 1, "done")]
    [InlineData("fw", 1, "note 0 failed; stopped")]
    public void After_the_last_wave_there_is_nothing_to_stop(string open, int failed, string moves) =>
        Assert.Equal(moves, Told(Campaign() with { Wave = 1 }, open, failed));

    [Theory]
    [InlineData(CampaignState.Stopped, OnStop.Finish, "rbfw", "note 2 failed")]
    [InlineData(CampaignState.Stopped, OnStop.Finish, "uw", "note 0 running")]
    [InlineData(CampaignState.Stopped, OnStop.Abort, "rbfw", "note 2 failed; abort 0")]
    [InlineData(CampaignState.Stopped, OnStop.Abort, "w", "")]
    [InlineData(CampaignState.Aborted, OnStop.Finish, "rbw", "abort 0")]
    [InlineData(CampaignState.Aborted, OnStop.Finish, "bw", "")]
    [InlineData(CampaignState.Aborted, OnStop.Finish, "aw", "note 0 skipped; aborted")]
    internal void Once_it_is_stopped_nothing_begins(CampaignState state, OnStop onStop, string open, string moves) =>
        Assert.Equal(moves, Told(Campaign() with { State = state, OnStop = onStop }, open, 0));

    [Fact]
    public void The_stop_names_the_services_that_failed_and_why()
    {
        var moves = CampaignRules.Advance(Campaign(), Seen("ff", 0), Now);

        var next = Assert.IsType<CampaignMove.Turn>(moves[^1]).Next;
        Assert.Equal("2 services have failed, and the change stops at 2: shop/test-web0 (5 % errors); shop/test-web1 (5 % errors).", next.Why);
        Assert.Null(next.EndedAt);
    }

    [Fact]
    public void Stop_resume_and_abort_change_what_they_may_and_say_who_asked()
    {
        var running = Campaign();
        var stopped = CampaignRules.Stop(running, "ann", "look first").Value;
        var resumed = CampaignRules.Resume(stopped, 7, "bob", "seen").Value;
        var aborted = CampaignRules.Abort(stopped, "ann", "enough").Value;

        Assert.Equal((CampaignState.Stopped, "Stopped by ann: look first"), (stopped.State, stopped.Why));
        Assert.Equal((CampaignState.Running, 9, "Resumed by bob: seen"), (resumed.State, resumed.Allowed, resumed.Why));
        Assert.Equal((CampaignState.Aborted, "Aborted by ann: enough"), (aborted.State, aborted.Why));
        Assert.Same(stopped, CampaignRules.Stop(stopped, "bob", "again").Value);
        Assert.Same(running, CampaignRules.Resume(running, 7, "bob", "again").Value);
        Assert.Equal(FaultKind.Conflict, CampaignRules.Resume(aborted, 0, "bob", "no").Fault?.Kind);
        Assert.Equal("aborted", CampaignRules.Stop(aborted, "bob", "no").Fault?.Facts["state"]);
    }

    [Theory]
    [InlineData("vetoedBy", FaultKind.Conflict, 0, TargetState.Skipped)]
    [InlineData("pinnedBy", FaultKind.Conflict, 0, TargetState.Skipped)]
    [InlineData("deploymentId", FaultKind.Conflict, 0, TargetState.Waiting)]
    [InlineData("deploymentId", FaultKind.Conflict, 24, TargetState.Failed)]
    [InlineData("", FaultKind.Unavailable, 23, TargetState.Waiting)]
    [InlineData("", FaultKind.Conflict, 0, TargetState.Failed)]
    [InlineData("", FaultKind.NotFound, 0, TargetState.Failed)]
    internal void A_start_that_is_refused_is_skipped_tried_again_or_failed(string fact, FaultKind kind, int hours, TargetState state)
    {
        var fault = new Fault(kind, "No.");
        var target = new Target(0, 0, ScopeRef.Parse("shop/test-web"), null) { Since = Now.AddHours(-hours) };

        Assert.Equal(state, CampaignRules.Tried(target, fact.Length == 0 ? fault : fault.With(fact, "x"), Now).State);
    }

    [Fact]
    public void A_target_that_was_refused_for_now_is_tried_again_after_a_pause()
    {
        var target = new Target(0, 0, ScopeRef.Parse("shop/test-web"), null) { Since = Now, TriedAt = Now };
        IReadOnlyList<CampaignMove> At(TimeSpan later) => CampaignRules.Advance(Campaign(), new([new(target)], []), Now + later);

        Assert.Empty(At(CampaignRules.RetryAfter - TimeSpan.FromTicks(1)));
        Assert.IsType<CampaignMove.Begin>(Assert.Single(At(CampaignRules.RetryAfter)));
    }

    [Theory]
    [InlineData(1000, 50, "1 5 20 50 50 50 50 50 50 50 50 50 50 50 50 50 50 50 50 50 50 50 24")]
    [InlineData(4, 50, "1 3")]
    [InlineData(30, 2, "1 5 20 2 2")]
    public void Waves_are_as_asked_for_and_then_as_big_as_may_be_in_flight(int targets, int maxConcurrent, string sizes) =>
        Assert.Equal(sizes, string.Join(' ', CampaignRules.Waves([1, 5, 20], maxConcurrent, targets)));

    /// <summary>Two waves; three in flight at most; two failures stop it.</summary>
    private static Campaign Campaign() =>
        new(Guid.Empty, "base-image", "ann", Strategy.AllIn, null, [5, 5], MaxConcurrent: 3, StopAfter: 2, OnStop.Finish, Now);

    /// <summary>
    /// Each letter is a target of the present wave: it waits, runs, or runs <b>u</b>nrecorded; its deployment goes <b>b</b>ack, is done, failed or aborted.
    /// </summary>
    private static CampaignSeen Seen(string open, int failed) => new(
        [.. open.Select((letter, place) => TargetSeen(letter, place))],
        [.. Enumerable.Range(100, failed).Select(place => Of(place) with { State = TargetState.Failed })]);

    private static TargetSeen TargetSeen(char letter, int place)
    {
        var id = DeploymentId.New(TimeProvider.System);
        var running = Of(place) with { State = TargetState.Running, Deployment = id };
        return letter switch
        {
            'w' => new(Of(place)),
            'u' => new(Of(place), id, DeploymentPhase.Admitted),
            'r' => new(running, id, DeploymentPhase.Judging),
            'b' => new(running, id, DeploymentPhase.ShiftingBack),
            'd' => new(running, id, DeploymentPhase.Done),
            'f' => new(running, id, DeploymentPhase.RolledBack, "5 % errors."),
            'a' => new(running, id, DeploymentPhase.Aborted, "asked to."),
            _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, null),
        };
    }

    private static Target Of(int place) => new(place, 0, ScopeRef.Parse($"shop/test-web{place}"), null);

    private static string Told(Campaign campaign, string open, int failed)
    {
        var seen = Seen(open, failed);
        var moves = CampaignRules.Advance(campaign, seen, Now);
        return string.Join("; ", new[]
        {
            string.Join(", ", moves.OfType<CampaignMove.Note>().Select(note => $"note {note.Target.Place} {Word.Of(note.Target.State)}")),
            string.Join(", ", moves.Where(move => move is not CampaignMove.Note).Select(move => move switch
            {
                CampaignMove.Begin begin => $"begin {begin.Target.Place}",
                CampaignMove.TakeBack back => $"abort {seen.Open.Single(one => one.Deployment == back.Deployment).Target.Place}",
                CampaignMove.Turn { Next: { State: CampaignState.Running } next } => $"wave {next.Wave + 1}",
                CampaignMove.Turn turn => Word.Of(turn.Next.State),
                _ => throw new InvalidOperationException($"{move}"),
            })),
        }.Where(part => part.Length > 0));
    }
}
