using Fury.LittleMonster.Testing;

namespace Fury.LittleMonster.Tests;

public sealed class LeaseGuardTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void A_lease_is_relied_on_for_four_fifths_of_its_length_and_then_those_who_use_it_are_told()
    {
        using var guard = new LeaseGuard(_clock, TimeSpan.FromSeconds(10), _clock.GetTimestamp());
        var lost = 0;
        guard.Lost = () => lost++;
        _clock.Advance(TimeSpan.FromSeconds(7.9));
        Assert.True(guard.IsSafe);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(guard.IsSafe);
        Assert.Equal(1, lost);
    }

    [Fact]
    public void A_renewal_counts_from_when_it_was_sent_and_makes_the_lease_sure_again()
    {
        using var guard = new LeaseGuard(_clock, TimeSpan.FromSeconds(10), _clock.GetTimestamp());
        _clock.Advance(TimeSpan.FromSeconds(9));
        var sent = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));
        guard.Renewed(sent);
        Assert.True(guard.IsSafe);
        _clock.Advance(TimeSpan.FromSeconds(7.5));
        Assert.False(guard.IsSafe);
        guard.End();
        guard.Renewed(_clock.GetTimestamp());
        Assert.False(guard.IsSafe);
    }
}
