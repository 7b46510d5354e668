using Fury.Agent.Wire;
using Fury.Processes;

namespace Fury.Agent;

/// <summary>
/// The life of an agent, as a function from a state and what happened to the next state and what to do. Nothing is started that was not verified,
/// never two processes at once, and nothing more once it was asked to stop.
/// </summary>
internal static class Lives
{
    /// <summary>An artifact that cannot be had after so many attempts is given up: about five minutes of pauses, besides the attempts' own time.</summary>
    public const int AttemptsMax = 12;

    /// <summary>So many failed checks in a row make a healthy process unhealthy.</summary>
    public const int FailuresMax = 3;

    private static readonly Move Report = new Move.Report();

    public static (LifeState State, IReadOnlyList<Move> Moves) Next(LifeState state, LifeEvent happened) => (state, happened) switch
    {
        ({ IsOver: true }, _) => (state, []),
        (_, LifeEvent.StopAsked) => Stop(state),
        ({ Phase: AgentPhase.Stopping }, _) => Stopping(state, happened),
        ({ Phase: AgentPhase.Failed }, _) => (state, []),
        (_, LifeEvent.Began) => (state, [Report, new Move.Fetch()]),
        ({ Phase: AgentPhase.Fetching }, _) => Fetching(state, happened),
        ({ Phase: AgentPhase.Verifying }, _) => Verifying(state, happened),
        (_, LifeEvent.PauseOver over) when state.Phase == AgentPhase.Crashed && over.Ticket == state.Ticket => Start(state),
        _ when state.IsUp => Up(state, happened),
        _ => (state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Fetching(LifeState state, LifeEvent happened) => happened switch
    {
        LifeEvent.Fetched => (state with { Phase = AgentPhase.Verifying, Reason = null }, [Report, new Move.Verify()]),
        LifeEvent.NotFetched not => NotHad(state, not.Reason, not.Again),
        LifeEvent.PauseOver over when over.Ticket == state.Ticket => (state, [new Move.Fetch()]),
        _ => (state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Verifying(LifeState state, LifeEvent happened) => happened switch
    {
        LifeEvent.Verified => Start(state with { Attempts = 0 }),
        LifeEvent.NotVerified not => NotHad(state, not.Reason, not.Again),
        _ => (state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Up(LifeState state, LifeEvent happened) => happened switch
    {
        LifeEvent.Started started when started.Run == state.Run && state.Phase == AgentPhase.Starting =>
            (state with { Phase = AgentPhase.Running, HasProcess = true, Reason = null, Failures = 0 }, [Report]),
        LifeEvent.NotStarted not when not.Run == state.Run && state.Phase == AgentPhase.Starting => not.Again
            ? Crashed(state, not.Reason, state.Crashes + 1, [])
            : Failed(state, not.Reason),
        LifeEvent.Exited exited when exited.Run == state.Run && state.HasProcess =>
            Crashed(state, exited.Reason, exited.WasLong ? 1 : state.Crashes + 1, [new Move.Kill(state.Run)]),
        LifeEvent.Checked check when check.Run == state.Run && state.HasProcess => Checked(state, check.WhyNot),
        _ => (state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Checked(LifeState state, string? whyNot)
    {
        if (whyNot is null)
        {
            var well = state with { Phase = AgentPhase.Healthy, Reason = null, Failures = 0 };
            return (well, state.Phase == AgentPhase.Healthy ? [] : [Report]);
        }

        var failed = state with { Failures = Math.Min(state.Failures + 1, FailuresMax) };
        return state.Phase == AgentPhase.Healthy
            ? failed.Failures < FailuresMax ? (failed, []) : (failed with { Phase = AgentPhase.Unhealthy, Reason = whyNot }, [Report])
            : (failed with { Reason = whyNot }, []);
    }

    private static (LifeState, IReadOnlyList<Move>) Stopping(LifeState state, LifeEvent happened) => happened switch
    {
        // The wish to stop has overtaken the start.
        LifeEvent.Started started when started.Run == state.Run && !state.HasProcess => (state with { HasProcess = true }, [new Move.Terminate(state.Run)]),
        LifeEvent.NotStarted not when not.Run == state.Run && !state.HasProcess => Stopped(state, []),
        LifeEvent.GraceOver over when over.Run == state.Run && state.HasProcess => (state, [new Move.Kill(state.Run)]),
        LifeEvent.Exited exited when exited.Run == state.Run && state.HasProcess => Stopped(state, [new Move.Kill(state.Run)]),
        _ => (state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Stop(LifeState state) => state switch
    {
        { Phase: AgentPhase.Stopping } => (state, []),
        { Phase: AgentPhase.Starting } => (state with { Phase = AgentPhase.Stopping, Reason = null }, [Report]),
        { IsUp: true } => (state with { Phase = AgentPhase.Stopping, Reason = null }, [new Move.Terminate(state.Run), Report]),
        _ => Stopped(state, []),
    };

    private static (LifeState, IReadOnlyList<Move>) Start(LifeState state)
    {
        var next = state with { Phase = AgentPhase.Starting, Run = state.Run + 1, HasProcess = false };
        return (next, [new Move.Start(next.Run), Report]);
    }

    private static (LifeState, IReadOnlyList<Move>) NotHad(LifeState state, string reason, bool again)
    {
        var next = state with { Phase = AgentPhase.Fetching, Reason = reason, Attempts = state.Attempts + 1, Ticket = state.Ticket + 1 };
        return !again ? Failed(next, reason)
            : next.Attempts >= AttemptsMax ? Failed(next, $"{reason} This was attempt {next.Attempts}, the last one.")
            : (next, [new Move.Pause(next.Ticket, Backoff.After(next.Attempts)), Report]);
    }

    private static (LifeState, IReadOnlyList<Move>) Crashed(LifeState state, string reason, int crashes, IReadOnlyList<Move> first)
    {
        var next = state with
        {
            Phase = AgentPhase.Crashed,
            Reason = reason,
            HasProcess = false,
            Crashes = crashes,
            Failures = 0,
            Ticket = state.Ticket + 1,
        };
        return (next, [.. first, new Move.Pause(next.Ticket, Backoff.After(crashes)), Report]);
    }

    private static (LifeState, IReadOnlyList<Move>) Failed(LifeState state, string reason) =>
        (state with { Phase = AgentPhase.Failed, Reason = reason, HasProcess = false }, [Report]);

    private static (LifeState, IReadOnlyList<Move>) Stopped(LifeState state, IReadOnlyList<Move> first) =>
        (state with { Phase = AgentPhase.Stopped, Reason = null, HasProcess = false }, [.. first, Report, new Move.End()]);
}
