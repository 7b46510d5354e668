using Fury.ClusterApi.Kubernetes.Wire;

namespace Fury.ClusterApi.Tests.Wire;

public sealed class RetryTests
{
    [Fact]
    public void Pauses_grow_to_a_bound_and_end()
    {
        var pauses = Enumerable.Range(1, Retry.AttemptsMax - 1).Select(attempt => Retry.Pause(attempt, null, chance: 1)!.Value).ToList();

        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(Retry.First, pauses[0]);
        Assert.All(pauses, pause => Assert.True(pause <= Retry.Max));
        Assert.Null(Retry.Pause(Retry.AttemptsMax, null, 1));
    }

    [Fact]
    public void Chance_spreads_over_half_of_the_pause() =>
        Assert.Equal(Retry.Pause(3, null, 1) / 2, Retry.Pause(3, null, 0));

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void It_never_comes_back_sooner_than_it_was_asked_to(double chance) =>
        Assert.True(Retry.Pause(1, TimeSpan.FromSeconds(7), chance) >= TimeSpan.FromSeconds(7));

    [Fact]
    public void A_server_that_wants_to_be_left_alone_for_long_is_left_to_the_caller() =>
        Assert.Null(Retry.Pause(1, Retry.RetryAfterMax + TimeSpan.FromSeconds(1), 0));

    [Fact]
    public void Endless_pauses_stay_within_the_bound() =>
        Assert.All(Enumerable.Range(1, 1000), failures => Assert.InRange(Retry.Endless(failures, 1), Retry.First, Retry.Max));
}
