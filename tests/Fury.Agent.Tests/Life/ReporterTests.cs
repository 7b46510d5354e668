namespace Fury.Agent.Tests.Life;

/// <summary>How often an agent tells something: seldom enough for a hundred thousand of them, often enough for who scales by it.</summary>
public sealed class ReporterTests
{
    [Fact]
    public void When_nothing_changes_it_tells_again_after_20_to_30_seconds_and_not_together_with_the_others()
    {
        var chance = new Random(20261127);

        var pauses = Enumerable.Range(0, 1000).Select(_ => Reporter.Spread(Reporter.Heartbeat, chance).TotalSeconds).ToList();

        Assert.All(pauses, pause => Assert.InRange(pause, 20, 30));
        Assert.Equal(25, pauses.Average(), 0.5);
        Assert.All(pauses.GroupBy(pause => (int)pause), second => Assert.InRange(second.Count(), 50, 150));
    }
}
