using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

public sealed class SagaIdMintTests
{
    private const int Ids = 2000;

    [Fact]
    public void Processes_whose_clocks_show_the_same_time_never_mint_the_same_id()
    {
        var clock = new TestClock();
        var begin = clock.GetUtcNow();
        var ids = new List<SagaId>();
        foreach (var process in new long[] { 1, 2, 1024, 1025, (1 << 18) - 1 })
        {
            var mint = new SagaIdMint(clock);
            ids.AddRange(Enumerable.Range(0, Ids).Select(_ => mint.Next(process)));
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id.Value, SagaIdMint.FirstOf(begin).Value, SagaIdMint.FirstOf(begin.AddMilliseconds(Ids)).Value));
    }

    [Fact]
    public void Ids_sort_by_time_and_a_clock_that_goes_back_mints_none_again()
    {
        var clock = new TestClock();
        var mint = new SagaIdMint(clock);
        var first = mint.Next(7);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = mint.Next(7);
        Assert.True(second.Value > first.Value);
        Assert.True(second.Value >= SagaIdMint.FirstOf(clock.GetUtcNow()).Value);

        clock.Advance(TimeSpan.FromSeconds(-1));
        Assert.True(mint.Next(7).Value > second.Value);
    }
}
