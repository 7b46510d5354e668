using Fury.Processes;

namespace Fury.Providers.Local.Tests;

public sealed class BackoffTests
{
    [Fact]
    public void The_pause_doubles_from_100_ms_to_30_s()
    {
        var pauses = Enumerable.Range(1, 12).Select(crashes => Backoff.After(crashes).TotalMilliseconds);

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000], pauses);
        Assert.Equal(Backoff.Max, Backoff.After(int.MaxValue));
    }

    [Fact]
    public void A_process_that_was_up_for_a_while_begins_again_with_the_shortest_pause()
    {
        Assert.Equal(6, Backoff.CrashesInARow(5, Backoff.ResetAfter - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(1, Backoff.CrashesInARow(5, Backoff.ResetAfter));
    }

    [Fact]
    public void A_process_name_may_hold_spaces_and_parentheses()
    {
        var stat = ProcFs.Parse(7, "7 (a ) b) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1");

        Assert.Equal(new ProcessStat(7, 'S', 7, 12345), stat);
    }
}
