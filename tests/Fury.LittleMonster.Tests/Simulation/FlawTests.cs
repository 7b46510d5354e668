using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>The simulation is worth as much as what it sees: each flaw of the database must be seen, and called by its name.</summary>
[Collection(Alone.Name)]
public sealed class FlawTests(ITestOutputHelper output)
{
    private const int WorldsMax = 60;

    [Fact]
    public void The_simulation_sees_a_dead_host_that_can_still_write() =>
        Sees(new Flaws { NoFence = true }, "was declared dead and has written", "though its lease ended", "could not be written");

    [Fact]
    public void The_simulation_sees_a_write_that_counts_wherever_its_saga_is() =>
        Sees(new Flaws { NoSeqCheck = true }, "The journal of saga", "whose shard", "was recorded as done twice");

    [Fact]
    public void The_simulation_sees_an_acknowledged_write_of_which_nothing_is_left() =>
        Sees(new Flaws { LostWrites = 0.02 });

    [Fact]
    public void The_simulation_sees_tokens_that_change_when_a_saga_changes_hands() =>
        Sees(new Flaws { NewTokens = true }, "two things of one step");

    [Fact]
    public void The_simulation_sees_a_child_that_is_started_under_a_sealed_key() =>
        Sees(new Flaws { NoSeal = true }, "which is undone", "is undone, and its child");

    [Fact]
    public void The_simulation_sees_an_ended_saga_that_a_late_call_begins_again() =>
        Sees(new Flaws { LateStarts = true }, "which has ended, is started again", "whose shard");

    /// <param name="words">Of which one must be said; when none is given, anything counts.</param>
    private void Sees(Flaws flaws, params string[] words)
    {
        for (var seed = 1; seed <= WorldsMax; seed++)
        {
            var run = SimulationTests.Run(seed, flaws, rough: true);
            if (run.Violation is { } violation)
            {
                output.WriteLine($"In world {seed}, after {run.Sagas} sagas: {violation.Split('\n')[0]}");
                Assert.True(words.Length == 0 || words.Any(word => violation.Contains(word, StringComparison.Ordinal)), violation);
                return;
            }
        }

        Assert.Fail($"{WorldsMax} worlds have seen nothing.");
    }
}
