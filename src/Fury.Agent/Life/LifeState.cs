using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>All that decides what the agent does next.</summary>
/// <param name="Run">Which start of the process this is, from 1; 0 before the first.</param>
/// <param name="HasProcess">The process of <paramref name="Run"/> is known to run.</param>
/// <param name="Attempts">How often in a row the artifact could not be brought.</param>
/// <param name="Crashes">How often in a row the process has ended soon.</param>
/// <param name="Failures">Health checks in a row that failed.</param>
/// <param name="Ticket">Of the pause that is waited for; the end of an older one means nothing.</param>
internal sealed record LifeState(
    AgentPhase Phase = AgentPhase.Fetching,
    string? Reason = null,
    int Run = 0,
    bool HasProcess = false,
    int Attempts = 0,
    int Crashes = 0,
    int Failures = 0,
    int Ticket = 0)
{
    public int Restarts => Math.Max(0, Run - 1);

    public bool IsOver => Phase is AgentPhase.Stopped;

    /// <summary>Its process was started and has not been seen to end.</summary>
    public bool IsUp => Phase is AgentPhase.Starting or AgentPhase.Running or AgentPhase.Healthy or AgentPhase.Unhealthy;
}

/// <summary>What happens to an agent. The list is closed.</summary>
internal abstract record LifeEvent
{
    private LifeEvent()
    {
    }

    public sealed record Began : LifeEvent;

    public sealed record Fetched : LifeEvent;

    /// <param name="Again">The same may succeed later.</param>
    public sealed record NotFetched(string Reason, bool Again) : LifeEvent;

    public sealed record Verified : LifeEvent;

    /// <param name="Again">It is not what it should be, but fetched anew it may be.</param>
    public sealed record NotVerified(string Reason, bool Again) : LifeEvent;

    public sealed record Started(int Run) : LifeEvent;

    /// <param name="Again">The system refused for now; otherwise the command cannot be started at all.</param>
    public sealed record NotStarted(int Run, string Reason, bool Again) : LifeEvent;

    /// <param name="WasLong">It was up for so long that earlier crashes do not count.</param>
    public sealed record Exited(int Run, string Reason, bool WasLong) : LifeEvent;

    /// <param name="WhyNot">Null when it is healthy.</param>
    public sealed record Checked(int Run, string? WhyNot) : LifeEvent;

    public sealed record PauseOver(int Ticket) : LifeEvent;

    public sealed record GraceOver(int Run) : LifeEvent;

    public sealed record StopAsked : LifeEvent;
}

/// <summary>What an agent does. The list is closed; each answers with an event, but for the last three.</summary>
internal abstract record Move
{
    private Move()
    {
    }

    public sealed record Fetch : Move;

    public sealed record Verify : Move;

    public sealed record Start(int Run) : Move;

    public sealed record Pause(int Ticket, TimeSpan Time) : Move;

    /// <summary>Asks the process to end, and tells when its grace is over.</summary>
    public sealed record Terminate(int Run) : Move;

    /// <summary>Ends by force what is left of the process and of those that it has started.</summary>
    public sealed record Kill(int Run) : Move;

    /// <summary>Tells the platform.</summary>
    public sealed record Report : Move;

    /// <summary>There is nothing left to do.</summary>
    public sealed record End : Move;
}
