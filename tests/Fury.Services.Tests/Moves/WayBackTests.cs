using System.Net;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Messaging;
using Fury.Sdk.Moving;
using Fury.Services.Moves;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>A move is turned round at the last moment, when all is in the target and was written there.</summary>
[Collection(MovesFixture.Name)]
public sealed class WayBackTests(MovesFixture platform)
{
    private ServiceRoute First { get; } = new("local", "local", null, "local", $"{Guid.NewGuid():n}", null);

    [Fact]
    public async Task A_store_has_what_was_written_after_it_had_settled()
    {
        var (service, app) = await Settled(ServiceKind.KeyValue, fury => fury.AddKeyValue("carts"), async fury =>
        {
            await fury.KeyValue("carts").SetAsync("kept", "1"u8.ToArray());
            await fury.KeyValue("carts").SetAsync("gone", "1"u8.ToArray());
        });
        var store = app.Services.GetRequiredService<IFury>().KeyValue("carts");
        await store.SetAsync("new", "2"u8.ToArray());
        Assert.True(await store.DeleteAsync("gone"));
        var kept = (await store.GetAsync("kept"))!;

        await Returned(service, store);

        Assert.Equal("2", Encoding.UTF8.GetString((await store.GetAsync("new"))!.Value.Span));
        Assert.Equal("1", Encoding.UTF8.GetString((await store.GetAsync("kept"))!.Value.Span));
        Assert.Null(await store.GetAsync("gone"));
        Assert.Equal("1", Encoding.UTF8.GetString(kept.Value.Span));
        await app.StopAsync();
    }

    [Fact]
    public async Task A_bucket_has_what_was_written_after_it_had_settled()
    {
        var (service, app) = await Settled(ServiceKind.Objects, fury => fury.AddObjects("carts"), async fury =>
        {
            await fury.Objects("carts").WriteAsync("kept", "1"u8.ToArray());
            await fury.Objects("carts").WriteAsync("gone", "1"u8.ToArray());
        });
        var bucket = app.Services.GetRequiredService<IFury>().Objects("carts");
        await bucket.WriteAsync("new", "2"u8.ToArray());
        Assert.True(await bucket.DeleteAsync("gone"));

        await Returned(service, bucket);

        List<string> keys = [];
        await foreach (var item in bucket.List())
        {
            keys.Add($"{item.Key}={Encoding.UTF8.GetString((await bucket.ReadBytesAsync(item.Key))!)}");
        }

        Assert.Equal(["kept=1", "new=2"], keys);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_queue_has_what_was_sent_after_it_had_settled()
    {
        var (service, app) = await Settled(ServiceKind.Queue, fury => fury.AddQueue("carts"), async fury =>
        {
            await fury.Queue("carts").SendAsync(new OutgoingMessage("before"u8.ToArray()));
            Assert.Equal(["before"], await Received(fury.Queue("carts")));
        });
        var queue = app.Services.GetRequiredService<IFury>().Queue("carts");
        await queue.SendAsync(new OutgoingMessage("settled"u8.ToArray()));
        List<string> received = [];
        await platform.Back(service);
        await using var mover = await platform.Mover("queue-back");

        // The target is drained before it is left.
        await Eventually.True(async () =>
        {
            received.AddRange(await Received(queue));
            return (await platform.Move(service)).TryGetProperty("outcome", out _);
        });

        Assert.Equal("returned", (await platform.Move(service)).GetProperty("outcome").GetString());
        await Eventually.True(() => queue.Binding is { State: BindingState.Single });
        await queue.SendAsync(new OutgoingMessage("after"u8.ToArray()));
        await Eventually.True(async () =>
        {
            received.AddRange(await Received(queue));
            return received.Count > 1;
        });
        Assert.Equal(["settled", "after"], received);
        await app.StopAsync();
    }

    [Fact]
    public async Task Tokens_of_locks_grow_over_it()
    {
        var before = 0L;
        var (service, app) = await Settled(ServiceKind.Locks, fury => fury.AddLocks("carts"), async fury =>
        {
            await using var lease = await fury.Locks("carts").TryAcquireAsync("l");
            before = lease!.FencingToken;
        });
        var locks = app.Services.GetRequiredService<IFury>().Locks("carts");
        long settled;
        await using (var lease = await locks.TryAcquireAsync("l"))
        {
            settled = lease!.FencingToken;
        }

        await Returned(service, locks);

        await using var after = await locks.TryAcquireAsync("l");
        Assert.True(before < settled && settled < after!.FencingToken, $"{before}, {settled}, {after?.FencingToken}");
        await app.StopAsync();
    }

    [Fact]
    public void Locks_that_one_provider_alone_knows_to_be_held_are_waited_for_on_both_ways()
    {
        var settings = new MoveSettings();
        MoveStep[] waits = [MoveStep.Settle, MoveStep.VerifyReturn, MoveStep.Fence];

        Assert.All(Enum.GetValues<MoveStep>(), step => Assert.Equal(
            waits.Contains(step) ? settings.LeaseMax : settings.PhaseMin, MoveHost.Least(ServiceKind.Locks, step, settings)));
        Assert.Equal(settings.PhaseMin, MoveHost.Least(ServiceKind.KeyValue, MoveStep.Settle, settings));
    }

    [Fact]
    public async Task Sequences_have_none()
    {
        var (service, app) = await Settled(ServiceKind.Sequences, fury => fury.AddSequences("carts"), async fury =>
            Assert.Equal(1, await fury.Sequences("carts").NextAsync("n")));

        using var refused = await platform.Client.DeleteAsync(MovesFixture.Path(service));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(2, await app.Services.GetRequiredService<IFury>().Sequences("carts").NextAsync("n"));
        await app.StopAsync();
    }

    /// <summary>A service that has moved as far as it may and still come back; whoever moved it is dead.</summary>
    private async Task<(BoundService Service, IHost App)> Settled(ServiceKind kind, Action<FuryBuilder> declare, Func<IFury, Task> before)
    {
        var name = $"{Word.Of(kind)}-back";
        var service = await platform.Service(name, kind, First);
        var app = await platform.Instance(service, "one", declare);
        await before(app.Services.GetRequiredService<IFury>());
        await platform.Begin(service, First with { Resource = First.Resource + "-2" });
        await using var mover = await platform.Mover(name, new MoverDeaths("save Switch"));
        await mover.Died.WaitAsync(Eventually.Deadline);
        Assert.Equal("settle", (await platform.Move(service)).GetProperty("step").GetString());
        return (service, app);
    }

    private async Task Returned(BoundService service, FuryService handle)
    {
        Assert.Equal(BindingState.Settling, handle.Binding.State);
        await platform.Back(service);
        await using var mover = await platform.Mover($"{service.Scope.Application}");
        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("outcome", out var ended) && ended.GetString() == "returned");
        await Eventually.True(() => handle.Binding is { State: BindingState.Single });
    }

    private static async Task<List<string>> Received(MessageQueue queue)
    {
        List<string> texts = [];
        foreach (var message in await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 5, Wait = TimeSpan.Zero }))
        {
            texts.Add(Encoding.UTF8.GetString(message.Body.Span));
            await message.CompleteAsync();
        }

        return texts;
    }
}
