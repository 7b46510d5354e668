using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Sdk.Objects;
using Fury.Sdk.Redis;
using Fury.Sdk.Testing;
using Fury.Services.Attesting;
using Fury.Testing;

namespace Fury.Services.Tests.Attesting;

/// <summary>What a probe finds out of an honest provider, of a real one, and of those that lie.</summary>
public sealed class ProbeTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task An_honest_store_is_shown_to_do_what_it_says_and_nothing_is_left_in_it()
    {
        var store = await Local<IKeyValueDriver>(ServiceKind.KeyValue);

        var probe = await Probe.Run(store, TimeProvider.System, CancellationToken.None);

        Assert.Empty(probe.Refuted);
        Assert.Equal(["kv.cas", "kv.partition-transaction", "kv.prefix-scan", "kv.read-strong"], probe.Shown.Select(each => each.Name));
        Assert.Empty((await store.KeysAsync(null, 10, CancellationToken.None)).Keys);
    }

    [Fact]
    public async Task An_honest_bucket_is_shown_to_do_what_it_says_and_nothing_is_left_in_it()
    {
        var bucket = await Local<IObjectDriver>(ServiceKind.Objects);

        var probe = await Probe.Run(bucket, TimeProvider.System, CancellationToken.None);

        Assert.Empty(probe.Refuted);
        Assert.Contains(ObjectCapabilities.ConditionalCreate, probe.Shown);
        Assert.Contains(ObjectCapabilities.ConditionalUpdate, probe.Shown);
        Assert.Empty(await bucket.ListAsync("", null, null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task A_real_Redis_is_shown_to_do_what_its_driver_says_and_nothing_is_left_in_it()
    {
        await using var store = (IKeyValueDriver)await RedisProvider.Factories.Single(each => each.Kind == ServiceKind.KeyValue).OpenAsync(
            new DriverContext("carts", new("redis", "direct", redis.Endpoint, "local", "probed"), TimeProvider.System), CancellationToken.None);

        var probe = await Probe.Run(store, TimeProvider.System, CancellationToken.None);

        Assert.Empty(probe.Refuted);
        Assert.Contains(KeyValueCapabilities.Cas, probe.Shown);
        Assert.Empty((await store.KeysAsync(null, 10, CancellationToken.None)).Keys);
    }

    [Theory]
    [InlineData(Lie.IgnoresAbsent, "kv.cas")]
    [InlineData(Lie.IgnoresRevisions, "kv.cas")]
    [InlineData(Lie.ReadsLate, "kv.read-strong")]
    [InlineData(Lie.ScansBackwards, "kv.prefix-scan")]
    [InlineData(Lie.ScansBeyond, "kv.prefix-scan")]
    [InlineData(Lie.TransactsOneByOne, "kv.partition-transaction")]
    [InlineData(Lie.TransactsNothing, "kv.partition-transaction")]
    public async Task Who_lies_is_found_out(Lie lie, string capability)
    {
        var store = new LyingStore(await Local<IKeyValueDriver>(ServiceKind.KeyValue), lie);

        var probe = await Probe.Run(store, TimeProvider.System, CancellationToken.None);

        Assert.Contains(capability, probe.Refuted.Select(each => each.Name));
        Assert.DoesNotContain(capability, probe.Shown.Select(each => each.Name));
    }

    [Theory]
    [InlineData(ServiceKind.Queue, "queue.deduplication", "queue.delay", "queue.depth", "queue.lease-renew", "queue.ordering-key", "queue.redrive")]
    [InlineData(ServiceKind.Stream, "stream.groups")]
    [InlineData(ServiceKind.Cache, "cache.push-invalidation", "cache.tags")]
    [InlineData(ServiceKind.Locks, "locks.fencing", "locks.renew")]
    [InlineData(ServiceKind.Sequences, "sequences.range")]
    public async Task An_honest_service_is_shown_to_do_what_it_says_in_memory_and_in_Redis(ServiceKind kind, params string[] shown)
    {
        await using var inRedis = await RedisProvider.Factories.Single(each => each.Kind == kind).OpenAsync(
            new DriverContext("carts", new("redis", "direct", redis.Endpoint, "local", "probed"), TimeProvider.System), CancellationToken.None);
        foreach (var driver in new[] { await Local<IDriver>(kind), inRedis })
        {
            var probe = await Probe.Run(driver, TimeProvider.System, CancellationToken.None);
            // A second time nothing of the first is in the way.
            var again = await Probe.Run(driver, TimeProvider.System, CancellationToken.None);

            Assert.Equal((0, 0), (probe.Refuted.Count, again.Refuted.Count));
            var can = shown.Where(each => driver.Declared.Has(new Capability(each))).ToList();
            Assert.Equal(can, probe.Shown.Select(each => each.Name));
            Assert.Equal(can, again.Shown.Select(each => each.Name));
            await NothingIsLeft(driver);
        }
    }

    [Theory]
    [MemberData(nameof(Liars))]
    public async Task A_service_that_lies_is_found_out(Liar liar)
    {
        var (kind, capability) = ServiceLiars.Of(liar);
        var driver = ServiceLiars.Around(await Local<IDriver>(kind), liar);

        var probe = await Probe.Run(driver, TimeProvider.System, CancellationToken.None);

        Assert.Contains(capability, probe.Refuted.Select(each => each.Name));
        Assert.False(probe.Kept.Has(new Capability(capability)));
    }

    [Fact]
    public async Task A_queue_in_use_keeps_its_messages_and_one_whose_messages_others_take_is_not_called_a_liar()
    {
        var used = await Local<IQueueDriver>(ServiceKind.Queue);
        await used.SendAsync(new DriverMessage("theirs", new byte[1], new Dictionary<string, string>()), CancellationToken.None);
        var probe = await Probe.Run(used, TimeProvider.System, CancellationToken.None);
        Assert.Equal(["queue.depth"], probe.Shown.Select(each => each.Name));
        Assert.Equal(1, (await used.GetDepthAsync(CancellationToken.None)).Visible);
        var theirs = await used.ReceiveAsync(QueueSide.Main, 2, TimeSpan.FromSeconds(9), TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(1, Assert.Single(theirs).DeliveryCount);

        var raided = InterceptedDriver.Wrap(await Local<IQueueDriver>(ServiceKind.Queue), "carts", async (call, next) =>
            call.Operation == nameof(IQueueDriver.ReceiveAsync) ? (IReadOnlyList<DriverDelivery>)[] : await next());
        Assert.Empty((await Probe.Run(raided, TimeProvider.System, CancellationToken.None)).Refuted);
    }

    [Fact]
    public async Task A_queue_that_gives_the_first_of_two_late_is_not_said_to_give_both_at_once()
    {
        var queue = await Local<IQueueDriver>(ServiceKind.Queue);
        var isLate = false;
        var late = InterceptedDriver.Wrap(queue, "carts", async (call, next) =>
        {
            if (isLate && call.Operation == nameof(IQueueDriver.ReceiveAsync))
            {
                isLate = false;
                return (IReadOnlyList<DriverDelivery>)[];
            }

            isLate |= call.Arguments[0] is DriverMessage message && message.Id.EndsWith("-order-2", StringComparison.Ordinal);
            return await next();
        });

        var probe = await Probe.Run(late, TimeProvider.System, CancellationToken.None);

        Assert.Empty(probe.Refuted);
        Assert.DoesNotContain("queue.ordering-key", probe.Shown.Select(each => each.Name));
        await NothingIsLeft(queue);
    }

    public static TheoryData<Liar> Liars => [.. Enum.GetValues<Liar>()];

    /// <summary>But for what is never forgotten, by one name.</summary>
    private static async Task NothingIsLeft(IDriver driver)
    {
        switch (driver)
        {
            case IQueueDriver queue:
                Assert.True(await queue.GetDepthAsync(CancellationToken.None) is { Visible: 0, Leased: 0, DeadLettered: 0 });
                break;
            case ILockDriver locks:
                Assert.Equal("fury-attest", Assert.Single((await locks.CountersAsync(null, 10, CancellationToken.None)).Counters).Resource);
                Assert.Null(await locks.PeekAsync("fury-attest", CancellationToken.None));
                break;
            case ISequenceDriver sequences:
                Assert.Equal("fury-attest", Assert.Single((await sequences.NamesAsync(null, 10, CancellationToken.None)).Names));
                break;
            case IStreamDriver stream:
                foreach (var partition in await stream.GetPartitionsAsync(CancellationToken.None))
                {
                    Assert.Empty(await stream.ReadAsync(partition, default, 1, TimeSpan.Zero, CancellationToken.None));
                }

                break;
            default:
                break;
        }
    }

    private static async Task<T> Local<T>(ServiceKind kind)
        where T : IDriver => (T)await new LocalProvider(TimeProvider.System).Factories.Single(each => each.Kind == kind).OpenAsync(
            new DriverContext("carts", new("local", "local", null, "local", "carts"), TimeProvider.System), CancellationToken.None);
}
