using System.Security.Cryptography;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Local;
using Fury.Sdk.Moving;
using Fury.Sdk.Objects;
using Fury.Sdk.S3;
using Fury.Sdk.Testing;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.S3;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Sdk.Tests.Moving;

/// <summary>
/// A bucket moves while several instances write it, some over bad connections, and whoever moves it dies at each place of each step: nothing is lost, nothing
/// happens twice, every object stays one register, large objects are whole, and no call fails.
/// </summary>
[Collection(ObjectServers.Name)]
public sealed class ObjectMoveTests(CephServer ceph, ITestOutputHelper output)
{
    private const int Seed = 20261130;
    private const int Instances = 3;
    private const int Faulty = 1;
    private const int LargeSize = ObjectParts.First + 4321;

    private readonly string _resource = Guid.NewGuid().ToString("n");

    private ServiceRoute InMemory => new(LocalProvider.Name, "local", null, "local", _resource);

    private ServiceRoute InMemoryToo => InMemory with { Resource = _resource + "-2" };

    private ServiceRoute InCeph => Ceph.Route(ServiceKind.Objects, _resource);

    private S3Target Ceph => new("ceph", ceph.Endpoint, CephServer.AccessKey, CephServer.Secret, S3Target.CephDialect);

    [Fact]
    public async Task A_bucket_moves_from_memory_to_memory_while_it_is_written_and_the_mover_dies_everywhere()
    {
        await using var world = World(pauseMs: 2, out var traffic);
        await Begin(world, traffic);

        Assert.Equal(MoveStep.Moved, (await world.Move(InMemoryToo, () => traffic.GoOn(20))).Step);

        Assert.Empty(await world.Objects(InMemory));
        Assert.All(await world.Objects(InMemoryToo), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
        await End(world, traffic);
        Assert.All(world.Buckets, bucket => Assert.Equal(BindingState.Single, bucket.Binding.State));
        Assert.True(world.Deaths > 30, $"He died {world.Deaths} times.");
    }

    [Fact]
    public async Task A_bucket_moves_from_memory_to_Ceph_while_it_is_written()
    {
        // A server that is asked by many on few cores loses answers of everybody.
        await using var world = World(pauseMs: 100, out var traffic, losing: Instances);
        await Begin(world, traffic);

        Assert.Equal(MoveStep.Moved, (await world.Move(InCeph, () => traffic.GoOn(2))).Step);

        Assert.Empty(await world.Objects(InMemory));
        await End(world, traffic, calls: 20);
        Assert.All(world.Buckets, bucket => Assert.Equal(S3Provider.Name, bucket.Binding.Provider));
    }

    [Theory]
    [InlineData(nameof(MoveStep.Copy))]
    [InlineData(nameof(MoveStep.Settle))]
    public async Task A_move_is_given_up_at_a_step_and_all_is_as_it_was(string step)
    {
        await using var world = World(pauseMs: 2, out var traffic);
        await Begin(world, traffic);

        Assert.Equal(MoveStep.Returned, (await world.Move(InMemoryToo, () => traffic.GoOn(20), Enum.Parse<MoveStep>(step))).Step);

        Assert.Empty(await world.Objects(InMemoryToo));
        Assert.All(await world.Objects(InMemory), record => Assert.Equal(KeyForm.Value, record.Seen.Form));
        // And may be begun again.
        Assert.Equal(MoveStep.Moved, (await world.Move(InMemoryToo, () => traffic.GoOn(20))).Step);
        await End(world, traffic);
    }

    [Fact]
    public async Task A_copy_that_was_changed_on_its_way_is_found_out_before_it_is_used()
    {
        var clock = new ManualTimeProvider();
        var (source, target) = (new LocalObjects(clock), new LocalObjects(clock));
        var headers = new ObjectHeaders("text/plain", new Dictionary<string, string>());
        await source.PutAsync("a", "right"u8.ToArray(), headers, SHA256.HashData("right"u8), default, default);
        var pair = new ObjectPair("m1", source, target, clock);
        var copier = new ObjectCopier(pair, new CopierOptions(), clock);
        await copier.Copy(MovePhase.Moving, new MoveState("b", MoveStep.Copy, 2), _ => default, default);
        var copied = ObjectRecord.Of(await target.HeadAsync("a", default));
        var changed = new ObjectHeaders(copied.Stored!.ContentType, copied.Stored.Metadata);
        await target.PutAsync("a", "wrong"u8.ToArray(), changed, SHA256.HashData("right"u8), default, default);
        await source.PutAsync("left", "x"u8.ToArray(), headers, default, default, default);

        var found = await copier.Verify(MovePhase.Moving, new MoveState("b", MoveStep.Verify, 2), _ => default, default);

        Assert.Equal(new MoveVerification(2, 1, 0, 1), found);
        await target.DeleteAsync("a", default, default);
        Assert.Equal(1, (await copier.Verify(MovePhase.Moving, new MoveState("b", MoveStep.Verify, 2), _ => default, default)).Missing);
    }

    [Fact]
    public async Task Bytes_of_the_source_that_are_not_those_that_were_written_are_not_moved()
    {
        var clock = new ManualTimeProvider();
        var (source, target) = (new LocalObjects(clock), new LocalObjects(clock));
        var headers = new ObjectHeaders("text/plain", new Dictionary<string, string>());
        await source.PutAsync("a", "rotten"u8.ToArray(), headers, SHA256.HashData("fresh"u8), default, default);
        var copier = new ObjectCopier(new ObjectPair("m1", source, target, clock), new CopierOptions(), clock);

        var error = await Assert.ThrowsAsync<FuryException>(
            () => copier.Copy(MovePhase.Moving, new MoveState("b", MoveStep.Copy, 2), _ => default, default));

        Assert.Equal(FuryErrorCode.Corrupted, error.Code);
        Assert.Empty(await target.ListAsync("", null, null, 10, default));
        Assert.Equal(KeyForm.Value, (await ObjectPair.Look(source, "a", default)).Seen.Form);
    }

    [Fact]
    public async Task An_object_that_is_written_while_it_is_listed_is_shown_as_it_is_and_not_as_what_was_in_its_place()
    {
        var clock = new ManualTimeProvider();
        var (source, target) = (new LocalObjects(clock), new LocalObjects(clock));
        var deleted = ObjectRecord.Nothing();
        await target.PutAsync("a", deleted, ObjectRecord.NothingHeaders(ObjectEnvelope.Deleted, Guid.NewGuid()), SHA256.HashData(deleted), default, default);
        var written = InterceptedDriver.Wrap(target, "b", async (call, next) =>
        {
            if (call.Operation == nameof(IObjectDriver.HeadAsync))
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                var headers = new ObjectHeaders("text/plain", new Dictionary<string, string>());
                await target.PutAsync("a", "fresh"u8.ToArray(), headers, SHA256.HashData("fresh"u8), default, default);
            }

            return await next();
        });
        await using var moving = new MovingObjects(MovePhase.Settling, "m1", source, (IObjectDriver)written, clock);

        var item = Assert.Single(await moving.ListAsync("", null, null, 10, default));

        var there = (await target.HeadAsync("a", default))!;
        Assert.Equal(new ObjectListItem("a", 5, there.ETag, there.LastModified, false), item);
    }

    [Fact]
    public async Task An_object_has_its_etag_and_headers_all_the_while_and_none_of_before_is_taken_for_one_of_after()
    {
        await using var world = World(pauseMs: 2, out _);
        await world.Start();
        var bucket = world.Buckets[0];
        var metadata = new Dictionary<string, string> { ["m"] = "v" };
        var options = new ObjectWriteOptions { ContentType = "text/plain", CacheControl = "no-cache", Metadata = metadata };
        var written = await bucket.WriteAsync("a", "1"u8.ToArray(), options);
        await bucket.WriteAsync("b", "1"u8.ToArray());

        await world.Move(InMemoryToo, async () =>
        {
            var there = (await bucket.GetPropertiesAsync("a"))!;
            Assert.Equal(("text/plain", "no-cache", "v", 1), (there.ContentType, there.CacheControl, there.Metadata["m"], there.Metadata.Count));
            if (bucket.Binding.State is BindingState.Preparing or BindingState.Moving)
            {
                Assert.Equal(written.ETag, there.ETag);
                Assert.Equal(["a", "b"], await Listed(bucket));
            }
        });

        var stale = new ObjectWriteOptions { Condition = WriteCondition.IfMatch(written.ETag) };
        Assert.Equal(
            FuryErrorCode.PreconditionFailed, (await Assert.ThrowsAsync<FuryException>(() => bucket.WriteAsync("a", "2"u8.ToArray(), stale))).Code);
        var now = (await bucket.GetPropertiesAsync("a"))!.ETag;
        await bucket.WriteAsync("a", "2"u8.ToArray(), new ObjectWriteOptions { Condition = WriteCondition.IfMatch(now) });
        Assert.Equal(["a", "b"], await Listed(bucket));
    }

    private static async Task<List<string>> Listed(ObjectBucket bucket)
    {
        List<string> keys = [];
        await foreach (var item in bucket.List())
        {
            keys.Add(item.Key);
        }

        return keys;
    }

    private MoveWorld World(int pauseMs, out MoveTraffic traffic, int losing = Faulty)
    {
        var world = new MoveWorld(
            [new LocalProvider(TimeProvider.System).Factories.Single(each => each.Kind == ServiceKind.Objects), Ceph.Factories[0]],
            InMemory,
            Instances,
            Faulty,
            Seed,
            kind: ServiceKind.Objects);
        traffic = new MoveTraffic([.. world.Buckets.Select(bucket => new BucketStore(bucket))], losing, Seed, pauseMs);
        return world;
    }

    /// <summary>Beside a large object, which nobody touches.</summary>
    private static async Task Begin(MoveWorld world, MoveTraffic traffic)
    {
        await world.Start();
        await world.Buckets[0].WriteAsync("large/idle", Large(1));
        await traffic.GoOnOneByOne();
        await traffic.Start();
    }

    private async Task End(MoveWorld world, MoveTraffic traffic, int calls = 100)
    {
        await traffic.GoOn(calls);
        var problems = await traffic.Stop();
        output.WriteLine($"seed {Seed}: {traffic.Done} calls, {traffic.Histories} keys with a history, the mover died {world.Deaths} times, " +
            $"epoch {world.Current.Epoch}, {problems.Count} problems");
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(3)));
        var large = await world.Buckets[1].ReadBytesAsync("large/idle");
        Assert.Equal(Convert.ToHexString(SHA256.HashData(Large(1))), Convert.ToHexString(SHA256.HashData(large!)));
    }

    private static byte[] Large(int seed)
    {
        var bytes = new byte[LargeSize];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
