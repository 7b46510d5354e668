using Fury.Mesh.Xds;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>Programs by others, which chance on their own: what each call's pool is cannot be seeded, so shares have wide bounds.</summary>
[Collection(Alone.Name)]
public sealed class RealClientsTests(ITestOutputHelper output) : MeshTest
{
    private const int CallsAStep = 1000;

    /// <summary>Of so many standard deviations a share is off once in 500 million tests.</summary>
    private const double SigmasMax = 6;

    [Fact]
    public async Task Live_steps_of_weights_fail_no_call_and_share_the_calls_as_weighed()
    {
        await using var world = await RealClients.Start(Mesh);
        var table = await world.Mesh.Tables.Current(RealClients.Scope, default);
        foreach (var blue in new[] { 100, 99.25m, 95, 90, 75, 50, 25, 10, 0 })
        {
            table = await world.Shift(blue);

            // By the next reports no call is under way that went by the table before.
            await world.Answered(20);
            var before = world.Clients.Select(client => Counts(world, client)).ToList();
            await world.Answered(CallsAStep);
            foreach (var (client, (blues, greens)) in world.Clients.Zip(before))
            {
                var (nowBlue, nowGreen) = Counts(world, client);
                AssertShare(client.Name, blue, nowBlue - blues, nowBlue - blues + nowGreen - greens);
            }

            world.AssertNothingFailed();
        }

        var drained = await world.Mesh.Tables.Drained(RealClients.Scope, world.BluePool, table.Version, RealClients.Patience, default);
        Assert.True(drained.Done, string.Join(", ", drained.Waiting));
        await world.Stop();
        output.WriteLine(world.Figures());
    }

    [Fact]
    public Task A_hundred_flips_fail_no_call_and_no_call_that_begins_later_goes_to_the_pool_that_was_left() => Flip(100);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Three_thousand_flips_fail_no_call_and_no_call_that_begins_later_goes_to_the_pool_that_was_left() => Flip(3000);

    [Fact]
    public async Task Endpoints_of_one_pool_in_groups_of_different_size_get_the_same()
    {
        await using var world = await RealClients.Start(Mesh);
        await using var beside = await GrpcBackend.Start("beside", "127.9.1.3");
        var state = MeshHost.PoolState(world.BluePool, RealClients.Scope, ready: 3, revision: 100);
        var backends = new[] { (world.Blue, "east"), (world.Green, "west"), (beside, "west") };
        await Mesh.Tell(state with
        {
            Replicas =
            [
                .. from replica in state.Replicas.Zip(backends)
                   let at = replica.Second.Item1.EndPoint
                   select replica.First with { Address = $"{at.Address}", Port = at.Port, Group = replica.Second.Item2 },
            ],
        });
        await world.Converged();
        await Task.WhenAll(world.Clients.Select(client => client.Until(_ => backends.All(backend => backend.Item1.Calls(client.Name) > 0))));

        var before = world.Clients.Select(client => backends.Select(backend => backend.Item1.Calls(client.Name)).ToList()).ToList();
        await world.Answered(CallsAStep);

        foreach (var (client, counts) in world.Clients.Zip(before))
        {
            var got = backends.Zip(counts, (backend, count) => backend.Item1.Calls(client.Name) - count).ToList();
            Assert.All(got, calls => Assert.InRange(calls, got.Sum() / 3 * 0.7, got.Sum() / 3 * 1.3));
        }

        world.AssertNothingFailed();
    }

    private async Task Flip(int flips)
    {
        await using var world = await RealClients.Start(Mesh);
        for (var flip = 1; flip <= flips; flip++)
        {
            var toBlue = flip % 2 == 0;
            var (left, pool, taken) = toBlue ? (world.Green, world.GreenPool, world.Blue) : (world.Blue, world.BluePool, world.Green);
            var table = await world.Shift(toBlue ? 100 : 0);
            var slackEnds = TimeProvider.System.GetTimestamp() + (long)(LrsService.DelayMax.TotalSeconds * TimeProvider.System.TimestampFrequency);
            foreach (var client in world.Clients)
            {
                await client.Until(_ => taken.LastBegun(client.Name) > slackEnds);
                Assert.True(left.LastBegun(client.Name) <= slackEnds, $"Flip {flip}: {left.Name} got a call that began after {client.Name} had left it.");
            }

            world.AssertNothingFailed();
            if (flip % 25 == 0)
            {
                var drained = await world.Mesh.Tables.Drained(RealClients.Scope, pool, table.Version, RealClients.Patience, default);
                Assert.True(drained.Done, string.Join(", ", drained.Waiting));
            }
        }

        await world.Stop();
        output.WriteLine(world.Figures());
    }

    private static (long Blue, long Green) Counts(RealClients world, GrpcClient client) => (world.Blue.Calls(client.Name), world.Green.Calls(client.Name));

    private static void AssertShare(string client, decimal percent, long got, long all)
    {
        var share = (double)percent / 100;
        var wanted = all * share;

        // With no share there are none; a call that was under way all the time may have gone by the table before.
        var bound = (SigmasMax * Math.Sqrt(all * share * (1 - share))) + GrpcClient.Callers;
        Assert.True(Math.Abs(got - wanted) <= bound, $"{client}: {got} of {all} calls went to blue, not {percent} %: {wanted:f0}, {bound:f0} more or less.");
    }
}
