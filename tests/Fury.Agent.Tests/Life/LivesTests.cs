using Fury.Agent.Wire;

namespace Fury.Agent.Tests.Life;

/// <summary>What holds whatever happens to an agent, in whatever order.</summary>
public sealed class LivesTests
{
    private const int Histories = 3000;
    private const int EventsMax = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(20261127)]
    public void No_history_breaks_a_promise(int seed)
    {
        var random = new Random(seed);
        for (var history = 0; history < Histories; history++)
        {
            var told = new List<LifeEvent>();
            var (state, world) = (new LifeState(), new World());
            for (var step = 0; step < random.Next(1, EventsMax); step++)
            {
                var happened = step == 0 ? new LifeEvent.Began() : Any(random, state);
                told.Add(happened);
                var (next, moves) = Lives.Next(state, happened);
                var broken = world.Broken(state, happened, next, moves);
                Assert.True(broken is null, $"seed {seed}, history {history}: {broken} after\n{string.Join('\n', told)}");
                state = next;
            }
        }
    }

    [Theory]
    [InlineData(5)]
    public void Whatever_has_happened_one_that_is_asked_to_stop_ends_once_its_process_has(int seed)
    {
        var random = new Random(seed);
        for (var history = 0; history < Histories; history++)
        {
            var state = Lives.Next(new(), new LifeEvent.Began()).State;
            for (var step = random.Next(EventsMax); step > 0; step--)
            {
                state = Lives.Next(state, Any(random, state)).State;
            }

            state = Lives.Next(state, new LifeEvent.StopAsked()).State;
            state = Lives.Next(state, new LifeEvent.Started(state.Run)).State;
            state = Lives.Next(state, new LifeEvent.Exited(state.Run, "", false)).State;
            Assert.True(state.Phase == AgentPhase.Stopped, $"seed {seed}, history {history}: {state}");
        }
    }

    [Fact]
    public void An_artifact_that_cannot_be_had_is_given_up_after_a_while()
    {
        var state = Lives.Next(new(), new LifeEvent.Began()).State;
        var pauses = new List<TimeSpan>();
        while (state.Phase != AgentPhase.Failed)
        {
            var (next, moves) = Lives.Next(state, new LifeEvent.NotFetched("The server is away.", true));
            pauses.AddRange(moves.OfType<Move.Pause>().Select(pause => pause.Time));
            state = Lives.Next(next, new LifeEvent.PauseOver(next.Ticket)).State;
        }

        Assert.Equal(Lives.AttemptsMax - 1, pauses.Count);
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal($"The server is away. This was attempt {Lives.AttemptsMax}, the last one.", state.Reason);
    }

    [Fact]
    public void One_failed_check_of_a_healthy_process_says_nothing()
    {
        var state = new LifeState(AgentPhase.Healthy, Run: 1, HasProcess: true);

        var (once, moves) = Lives.Next(state, new LifeEvent.Checked(1, "503"));
        var (well, _) = Lives.Next(once, new LifeEvent.Checked(1, null));
        var sick = Enumerable.Range(0, Lives.FailuresMax).Aggregate(well, (before, _) => Lives.Next(before, new LifeEvent.Checked(1, "503")).State);

        Assert.Equal((AgentPhase.Healthy, 0), (once.Phase, moves.Count));
        Assert.Equal((AgentPhase.Healthy, 0), (well.Phase, well.Failures));
        Assert.Equal((AgentPhase.Unhealthy, "503"), (sick.Phase, sick.Reason));
    }

    /// <summary>Any event, of this run and pause mostly, of older ones at times.</summary>
    private static LifeEvent Any(Random random, LifeState state)
    {
        var run = random.Next(4) > 0 ? state.Run : random.Next(state.Run + 2);
        var ticket = random.Next(4) > 0 ? state.Ticket : random.Next(state.Ticket + 2);
        return random.Next(40) switch
        {
            < 6 => new LifeEvent.Fetched(),
            < 8 => new LifeEvent.NotFetched("not fetched", random.Next(10) > 0),
            < 13 => new LifeEvent.Verified(),
            < 14 => new LifeEvent.NotVerified("not verified", random.Next(10) > 0),
            < 19 => new LifeEvent.Started(run),
            < 21 => new LifeEvent.NotStarted(run, "not started", random.Next(10) > 0),
            < 25 => new LifeEvent.Exited(run, "exited", random.Next(2) == 0),
            < 32 => new LifeEvent.Checked(run, random.Next(2) == 0 ? null : "sick"),
            < 37 => new LifeEvent.PauseOver(ticket),
            < 39 => new LifeEvent.GraceOver(run),
            _ => new LifeEvent.StopAsked(),
        };
    }

    /// <summary>What an onlooker knows who sees only events and moves.</summary>
    private sealed class World
    {
        private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);
        private bool _verified;
        private bool _stopAsked;
        private int _starts;
        private int? _running;

        public string? Broken(LifeState before, LifeEvent happened, LifeState after, IReadOnlyList<Move> moves)
        {
            _verified |= happened is LifeEvent.Verified && before.Phase == AgentPhase.Verifying;
            if (happened is LifeEvent.Exited exited && exited.Run == _running && before.HasProcess)
            {
                _running = null;
            }

            if (happened is LifeEvent.NotStarted not && not.Run == _running && !before.HasProcess)
            {
                _running = null;
            }

            foreach (var move in moves)
            {
                if (Broken(move) is { } broken)
                {
                    return broken;
                }
            }

            _stopAsked |= happened is LifeEvent.StopAsked;
            return after.Phase != before.Phase && !moves.Any(move => move is Move.Report) ? $"a change from {before.Phase} to {after.Phase} is not told"
                : before.IsOver && (after != before || moves.Count > 0) ? "something happens after the end"
                : after.Restarts < before.Restarts ? "restarts are forgotten"
                : after.HasProcess && after.Run != _running ? "a process is believed in that was not started"
                : after.IsOver != (before.IsOver || moves.Any(move => move is Move.End)) ? "the end is not told"
                : null;
        }

        private string? Broken(Move move)
        {
            switch (move)
            {
                case Move.Start when !_verified:
                    return "something is started that was not verified";
                case Move.Start when _running is not null:
                    return "a second process is started";
                case Move.Start or Move.Fetch or Move.Verify when _stopAsked:
                    return "something is begun after the wish to stop";
                case Move.Start start when start.Run != ++_starts:
                    return "runs are not counted";
                case Move.Start start:
                    _running = start.Run;
                    return null;
                case Move.Pause { Time: var time } when time <= TimeSpan.Zero || time > PauseMax:
                    return $"a pause of {time}";
                case Move.Terminate terminate when terminate.Run != _running:
                    return "another process is ended";
                default:
                    return null;
            }
        }
    }
}
