using Fury.Catalog.Contracts;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Moving;
using Fury.Sdk.Objects;
using Fury.Sdk.Tests.Moving;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>The platform moves a bucket while two instances of an application write it, and hosts die.</summary>
[Collection(MovesFixture.Name)]
public sealed class ObjectMovesTests(MovesFixture platform, ITestOutputHelper output)
{
    private const int Seed = 20261130;

    private ServiceRoute First { get; } = new("local", "local", null, "local", $"{Guid.NewGuid():n}", null);

    [Fact]
    public async Task Objects_move_to_another_bucket_while_they_are_written_and_hosts_die()
    {
        var service = await platform.Service("bucket", ServiceKind.Objects, First);
        using var one = await platform.Instance(service, "one", app => app.AddObjects("carts"));
        using var two = await platform.Instance(service, "two", app => app.AddObjects("carts"));
        ObjectBucket[] buckets = [.. new[] { one, two }.Select(each => each.Services.GetRequiredService<IFury>().Objects("carts"))];
        var traffic = new MoveTraffic([.. buckets.Select(bucket => new BucketStore(bucket))], faulty: 0, Seed, pauseMs: 60);
        await traffic.GoOnOneByOne();
        await traffic.Start();
        var target = First with { Resource = First.Resource + "-2" };
        await platform.Begin(service, target);

        var deaths = new MoverDeaths("publish 3", "save Prepare", "save Copy", "save Verify", "local PutAsync");
        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            await using var host = await platform.Mover("bucket-mover", deaths);
            await Eventually.True(async () => host.Died.IsCompleted || (await platform.Move(service)).TryGetProperty("outcome", out _));
        }

        Assert.Equal("moved", (await platform.Move(service)).GetProperty("outcome").GetString());
        await traffic.GoOn(20);
        var problems = await traffic.Stop();
        output.WriteLine($"{traffic.Done} calls, {traffic.Histories} keys with a history, hosts died at {string.Join(", ", deaths.Places)}");
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(3)));
        Assert.True(deaths.Places.Count >= 5, string.Join(", ", deaths.Places));
        Assert.All(buckets, bucket => Assert.Equal(BindingState.Single, bucket.Binding.State));
        var bound = (await platform.Get<IBindingMoves>().Find(service, default)).Value;
        Assert.Equal((target.Resource, "m1"), (bound.Route!.Resource, bound.Route.Dialect["objects.revisions"]));
        await using var left = (IObjectDriver)await platform.Get<HostDrivers>().Open(service, First, default);
        await using var there = (IObjectDriver)await platform.Get<HostDrivers>().Open(service, bound.Route, default);
        Assert.True(await MovedObjects.IsEmpty(left, default));
        Assert.DoesNotContain(await there.ListAsync("", null, null, 10_000, default), item => item.Length == ObjectEnvelope.NothingSize);
        await one.StopAsync();
        await two.StopAsync();
    }
}
