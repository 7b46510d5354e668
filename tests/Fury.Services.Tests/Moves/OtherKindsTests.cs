using Fury.Catalog.Contracts;
using Fury.Sdk;
using Fury.Sdk.Coordination;
using Fury.Sdk.Messaging;
using Microsoft.Extensions.DependencyInjection;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>Queues, sequences and locks, moved by the platform while they are used.</summary>
[Collection(MovesFixture.Name)]
public sealed class OtherKindsTests(MovesFixture platform)
{
    private ServiceRoute InMemory { get; } = new("local", "local", null, "local", $"{Guid.NewGuid():n}", null);

    private ServiceRoute InRedis => new("redis", "direct", platform.Redis.Endpoint.OriginalString, "local", InMemory.Resource, null);

    [Fact]
    public async Task Messages_of_a_queue_come_once_and_its_source_is_left_when_it_is_empty()
    {
        var service = await platform.Service("queue", ServiceKind.Queue, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddQueue("carts"));
        var queue = app.Services.GetRequiredService<IFury>().Queue("carts");
        List<int> received = [];
        var sent = 0;
        await Send(40);
        await platform.Begin(service, InRedis);
        await using var mover = await platform.Mover("queue");

        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            await Send(2);
            await Receive(3);
            await Task.Delay(20);
        }

        await Send(5);
        // What a receive had taken that was ended by a switch comes again when its lease has ended.
        await Testing.Eventually.True(async () => await Receive(10) == 0 && received.Count >= sent, because: $"{sent} were sent");
        Assert.Equal(Enumerable.Range(0, sent), received.Order());
        Assert.Equal(("moved", "redis"), ((await platform.Move(service)).GetProperty("outcome").GetString(), queue.Binding.Provider));
        await app.StopAsync();

        async Task Send(int count)
        {
            for (var end = sent + count; sent < end; sent++)
            {
                await queue.SendAsync(new OutgoingMessage(BitConverter.GetBytes(sent)));
            }
        }

        async Task<int> Receive(int most)
        {
            var messages = await queue.ReceiveAsync(Options(most));
            foreach (var message in messages)
            {
                received.Add(BitConverter.ToInt32(message.Body.Span));
                await message.CompleteAsync();
            }

            return messages.Count;
        }
    }

    private static ReceiveOptions Options(int most) => new() { MaxMessages = most, Wait = TimeSpan.Zero, Lease = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task No_number_of_a_sequence_is_given_twice_and_it_does_not_come_back()
    {
        var service = await platform.Service("sequence", ServiceKind.Sequences, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddSequences("carts"));
        var numbers = app.Services.GetRequiredService<IFury>().Sequences("carts");
        await numbers.ReserveAsync("untouched", 40);
        List<long> given = [];
        await platform.Begin(service, InRedis);
        await using var mover = await platform.Mover("sequence");

        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            given.Add(await numbers.NextAsync("n"));
            await Task.Delay(20);
        }

        given.Add(await numbers.NextAsync("n"));
        Assert.Equal(given.Distinct().Order(), given);
        Assert.True(await numbers.NextAsync("untouched") > 40);
        Assert.Equal("redis", numbers.Binding.Provider);
        Assert.False(Fury.Services.Moves.Move.HasWayBackFrom(Sdk.Moving.MoveStep.Copy, ServiceKind.Sequences));
        Assert.True(Fury.Services.Moves.Move.HasWayBackFrom(Sdk.Moving.MoveStep.Copy, ServiceKind.Locks));
        await app.StopAsync();
    }

    [Fact]
    public async Task Tokens_of_a_lock_grow_over_a_move_and_it_has_one_holder()
    {
        var service = await platform.Service("lock", ServiceKind.Locks, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddLocks("carts"));
        using var other = await platform.Instance(service, "two", fury => fury.AddLocks("carts"));
        LockService[] locks = [.. new[] { app, other }.Select(each => each.Services.GetRequiredService<IFury>().Locks("carts"))];
        List<long> tokens = [];
        await platform.Begin(service, InRedis);
        await using var mover = await platform.Mover("lock");

        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            await using var lease = await locks[tokens.Count % 2].TryAcquireAsync("l");
            Assert.NotNull(lease);
            tokens.Add(lease.FencingToken);
            Assert.Null(await locks[tokens.Count % 2].TryAcquireAsync("l"));
            await Task.Delay(20);
        }

        await using var last = await locks[0].TryAcquireAsync("l");
        tokens.Add(last!.FencingToken);
        Assert.Equal(tokens.Distinct().Order(), tokens);
        Assert.All(locks, each => Assert.Equal("redis", each.Binding.Provider));
        await app.StopAsync();
        await other.StopAsync();
    }
}
