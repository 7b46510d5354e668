using Fury.Compute.Serverless.Placement;

namespace Fury.Compute.Serverless.Tests;

/// <summary>The division of replicas among cells.</summary>
public sealed class WebsterTests
{
    private const int Seed = 11;

    [Theory]
    [InlineData("53000 24000 23000", 7, "3 2 2")] // A known example of the method.
    [InlineData("1 1 1", 7, "3 2 2")]
    [InlineData("3 1", 4, "3 1")]
    [InlineData("1000 1", 5, "5 0")]
    [InlineData("0 5", 3, "0 3")]
    public void Seats_follow_the_weights(string weights, int seats, string expected)
    {
        var parsed = Numbers(weights);
        var given = new int[parsed.Length];

        Webster.Give(parsed, given, [.. parsed.Select(_ => int.MaxValue)], seats);

        Assert.Equal(Numbers(expected), given);
    }

    [Fact]
    public void A_full_cell_gets_no_more_and_the_others_get_its_share()
    {
        var seats = new int[3];

        Assert.Equal(9, Webster.Give([100, 50, 50], seats, [2, 10, 10], 9));
        Assert.Equal([2, 4, 3], seats);
        Assert.Equal(13, Webster.Give([100, 50, 50], seats, [2, 10, 10], 20));
    }

    [Fact]
    public void One_more_never_takes_one_away_and_taking_back_undoes_giving()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 500; round++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1000))];
            int[] caps = [.. weights.Select(_ => random.Next(30))];
            var before = new int[weights.Length];
            for (var all = 1; all < 60; all++)
            {
                var after = new int[weights.Length];
                var given = Webster.Give(weights, after, caps, all);
                Assert.True(before.Zip(after).All(one => one.First <= one.Second), $"Seed {Seed}, round {round}: {all} seats take one away.");
                Assert.Equal(after.Sum(), given);
                Assert.True(after.Zip(caps).All(one => one.First <= one.Second), $"Seed {Seed}, round {round}: over a cap.");
                if (given == all)
                {
                    var back = (int[])after.Clone();
                    Webster.Take(weights, back, 1);
                    Assert.Equal(before, back);
                }

                before = after;
            }
        }
    }

    private static int[] Numbers(string text) => [.. text.Split(' ').Select(int.Parse)];
}
