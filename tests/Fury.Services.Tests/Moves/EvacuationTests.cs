using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>A provider that is left at once: it is dead, half dead, or comes back late.</summary>
[Collection(MovesFixture.Name)]
public sealed class EvacuationTests(MovesFixture platform)
{
    private readonly string _resource = $"{Guid.NewGuid():n}";

    private ServiceRoute Frail => new(FrailProvider.Name, "local", null, "local", _resource, null);

    private ServiceRoute InRedis => new("redis", "direct", platform.Redis.Endpoint.OriginalString, "local", _resource, null);

    [Theory]
    [InlineData(Ailment.Dead)]
    [InlineData(Ailment.Silent)]
    [InlineData(Ailment.ReadsOnly)]
    public async Task A_store_is_left_at_once_and_what_comes_back_late_is_not_taken_for_it(Ailment ailment)
    {
        var service = await platform.Service($"left-{ailment}".ToLowerInvariant(), ServiceKind.KeyValue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        using var other = await platform.Instance(service, "two", fury => fury.AddKeyValue("carts"));
        KeyValueStore[] stores = [.. new[] { app, other }.Select(each => each.Services.GetRequiredService<IFury>().KeyValue("carts"))];
        var old = await stores[0].SetAsync("a", "before"u8.ToArray());
        // What was kept elsewhere in time is there already.
        await Fill("kept", "replica"u8.ToArray());
        platform.Frail.Is(_resource, ailment);

        var begun = await Evacuate(service, InRedis);
        Assert.Contains("source-is-reachable", begun.GetProperty("evacuation").GetProperty("skipped").EnumerateArray().Select(each => each.GetString()));
        Assert.StartsWith("All that is not in the target", begun.GetProperty("evacuation").GetProperty("mayBeLost").GetString(), StringComparison.Ordinal);
        await using var mover = await platform.Mover($"{service.Scope.Application}");
        await Ended(service);

        Assert.All(stores, store => Assert.Equal(("redis", BindingState.Single), (store.Binding.Provider, store.Binding.State)));
        Assert.Equal("replica", await Text(stores[1], "kept"));
        Assert.Null(await stores[0].GetAsync("a"));
        await stores[0].SetAsync("a", "after"u8.ToArray());

        // It is back, with what it had: nobody sees it, and what was read of it matches nothing.
        platform.Frail.Is(_resource, Ailment.None);
        Assert.Equal("after", await Text(stores[1], "a"));
        var stale = await stores[1].TrySetAsync("a", "late"u8.ToArray(), new KvWriteOptions { Condition = WriteCondition.IfMatch(old) });
        Assert.False(stale.Applied);
        await using var left = (IKeyValueDriver)await platform.Get<HostDrivers>().Open(service, Frail, default);
        Assert.NotNull(await left.GetAsync("a", ReadConsistency.Strong, default));
        await app.StopAsync();
        await other.StopAsync();

        async Task Fill(string key, byte[] value)
        {
            await using var target = (IKeyValueDriver)await platform.Get<HostDrivers>().Open(service, InRedis, default);
            await target.WriteAsync(new KvStep(KvStepKind.Put, key, new KvEnvelope(Guid.NewGuid(), 1, 0, 0).Wrap(value), KvGuard.None, null), default);
        }
    }

    [Fact]
    public async Task No_instance_writes_to_the_source_any_more_before_one_may_write_to_the_target()
    {
        var service = await platform.Service("fenced", ServiceKind.KeyValue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        using var other = await platform.Instance(service, "two", fury => fury.AddKeyValue("carts"));
        KeyValueStore[] stores = [.. new[] { app, other }.Select(each => each.Services.GetRequiredService<IFury>().KeyValue("carts"))];
        await stores[0].SetAsync("n", "0"u8.ToArray());
        var target = Frail with { Resource = _resource + "-2" };
        await Evacuate(service, target);
        await using var mover = await platform.Mover("fenced");

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            for (var after = 0; after < 5; after += store.Binding is { State: BindingState.Single, Epoch: > 1 } ? 1 : 0)
            {
                await store.SetAsync("n", "1"u8.ToArray());
                await Task.Delay(5);
            }
        })));
        await Ended(service);

        var writes = platform.Frail.Writes.Where(each => each.StartsWith(_resource, StringComparison.Ordinal)).ToList();
        Assert.Equal(target.Resource, writes[^1]);
        Assert.True(writes.LastIndexOf(_resource) < writes.IndexOf(target.Resource), string.Join(' ', writes.Select(each => each.Length)));
        await app.StopAsync();
        await other.StopAsync();
    }

    [Fact]
    public async Task Messages_of_a_queue_go_to_the_target_at_once_and_those_of_the_source_come_when_it_is_back()
    {
        var service = await platform.Service("leftqueue", ServiceKind.Queue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddQueue("carts"));
        var queue = app.Services.GetRequiredService<IFury>().Queue("carts");
        await queue.SendAsync(new OutgoingMessage("before"u8.ToArray()));
        platform.Frail.Is(_resource, Ailment.Silent);
        await Evacuate(service, InRedis);
        await using var mover = await platform.Mover("leftqueue");
        await Eventually.True(() => queue.Binding is { State: BindingState.Evacuated });

        await queue.SendAsync(new OutgoingMessage("after"u8.ToArray()));
        Assert.Equal("after", await Received(queue));
        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("waitsFor", out var why)
            && why.GetString()!.Contains("does not answer", StringComparison.Ordinal));
        platform.Frail.Is(_resource, Ailment.None);

        Assert.Equal("before", await Received(queue));
        await Ended(service);
        await Eventually.True(() => queue.Binding is { State: BindingState.Single, Provider: "redis" });
        await app.StopAsync();
    }

    [Fact]
    public async Task What_a_queue_still_has_is_left_when_that_is_said_once_more()
    {
        var service = await platform.Service("abandoned", ServiceKind.Queue, Frail);
        platform.Frail.Is(_resource, Ailment.Dead);
        var target = Frail with { Resource = _resource + "-2" };
        await Evacuate(service, target);
        await using var mover = await platform.Mover("abandoned");
        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("waitsFor", out var why)
            && why.GetString()!.Contains("--evacuate once more", StringComparison.Ordinal));
        // While the source is looked at again and again, nothing is asked of the target.
        var (looks, opened) = (platform.Frail.Opened(_resource), platform.Frail.Opened(target.Resource));
        await Eventually.True(() => platform.Frail.Opened(_resource) > looks + 2);
        Assert.Equal(opened, platform.Frail.Opened(target.Resource));

        // The way of the instances need not be said: it stays.
        await Evacuate(service, target with { Transport = null! });

        await Ended(service);
    }

    [Fact]
    public async Task Who_leaves_the_source_does_not_come_back_and_who_has_turned_round_loses_nothing()
    {
        var service = await platform.Service("bothways", ServiceKind.KeyValue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        var carts = app.Services.GetRequiredService<IFury>().KeyValue("carts");
        for (var key = 0; key < 30; key++)
        {
            await carts.SetAsync($"k{key}", BitConverter.GetBytes(key));
        }

        await platform.Begin(service, InRedis);
        await using (var dies = await platform.Mover("bothways", new MoverDeaths("save Switch")))
        {
            await dies.Died.WaitAsync(Eventually.Deadline);
        }

        // All that the source has by now are marks.
        await Evacuate(service, InRedis);
        using var refused = await platform.Client.DeleteAsync(MovesFixture.Path(service));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("leaves its source, and does not come back", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // As if both had come, the one while the other's turn was under way.
        await platform.Execute("update services.move set wants_back = true where application = 'bothways'");
        await using var mover = await platform.Mover("bothways");

        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("outcome", out _));
        await Eventually.True(() => carts.Binding is { State: BindingState.Single });
        for (var key = 0; key < 30; key++)
        {
            Assert.Equal(key, await carts.GetAsync($"k{key}") is { } entry ? BitConverter.ToInt32(entry.Value.Span) : -1);
        }

        await app.StopAsync();
    }

    [Fact]
    public async Task A_move_whose_source_dies_is_ended_by_leaving_it_and_what_was_handed_over_is_there()
    {
        var service = await platform.Service("halfway", ServiceKind.KeyValue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        var carts = app.Services.GetRequiredService<IFury>().KeyValue("carts");
        for (var key = 0; key < 200; key++)
        {
            await carts.SetAsync($"k{key}", BitConverter.GetBytes(key));
        }

        await platform.Begin(service, InRedis);
        var isCopying = new TaskCompletionSource();
        await using var mover = await platform.Mover("halfway", saving: (_, state) =>
        {
            if (state is { Step: Sdk.Moving.MoveStep.Copy, Cursor: not null })
            {
                platform.Frail.Is(_resource, Ailment.Dead);
                isCopying.TrySetResult();
            }

            return Task.CompletedTask;
        });
        await isCopying.Task.WaitAsync(Eventually.Deadline);

        await Evacuate(service, InRedis with { Transport = null! });
        await Ended(service);

        await Eventually.True(() => carts.Binding is { State: BindingState.Single, Provider: "redis" });
        var there = 0;
        for (var key = 0; key < 200; key++)
        {
            there += await carts.GetAsync($"k{key}") is { } entry && BitConverter.ToInt32(entry.Value.Span) == key ? 1 : 0;
        }

        Assert.InRange(there, 50, 199);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_source_that_is_to_be_left_while_the_move_goes_on_to_its_switch_is_not_asked_any_more()
    {
        var service = await platform.Service("lateleft", ServiceKind.KeyValue, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        var carts = app.Services.GetRequiredService<IFury>().KeyValue("carts");
        await carts.SetAsync("a", "1"u8.ToArray());
        await platform.Begin(service, InRedis);
        await using (var dies = await platform.Mover("lateleft", new MoverDeaths("save Clean")))
        {
            await dies.Died.WaitAsync(Eventually.Deadline);
        }

        // As if both had come, the wish while the step was being saved.
        platform.Frail.Is(_resource, Ailment.Dead);
        await platform.Execute("update services.move set evacuate = 1 where application = 'lateleft'");
        await using var mover = await platform.Mover("lateleft");

        await Ended(service);
        Assert.Equal("1", await Text(carts, "a"));
        await app.StopAsync();
    }

    [Fact]
    public async Task Numbers_of_a_sequence_are_not_left_behind_and_tokens_of_locks_grow_over_it()
    {
        var sequences = await platform.Service("leftnumbers", ServiceKind.Sequences, Frail);
        using var refused = await Post(sequences, InRedis);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("some would be given twice", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var service = await platform.Service("leftlocks", ServiceKind.Locks, Frail);
        using var app = await platform.Instance(service, "one", fury => fury.AddLocks("carts"));
        var locks = app.Services.GetRequiredService<IFury>().Locks("carts");
        long before;
        await using (var lease = await locks.TryAcquireAsync("l"))
        {
            before = lease!.FencingToken;
        }

        platform.Frail.Is(_resource, Ailment.Dead);
        await Evacuate(service, InRedis);
        await using var mover = await platform.Mover("leftlocks");
        await Ended(service);
        await Eventually.True(() => locks.Binding is { State: BindingState.Single, Provider: "redis" });
        await using var after = await locks.TryAcquireAsync("l");
        Assert.True(after!.FencingToken > before, $"{after.FencingToken} after {before}");
        await app.StopAsync();
    }

    private static async Task<string> Text(KeyValueStore store, string key) => System.Text.Encoding.UTF8.GetString((await store.GetAsync(key))!.Value.Span);

    private static async Task<string> Received(MessageQueue queue)
    {
        var text = "";
        await Eventually.True(async () =>
        {
            foreach (var message in await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 1, Wait = TimeSpan.Zero }))
            {
                text = System.Text.Encoding.UTF8.GetString(message.Body.Span);
                await message.CompleteAsync();
            }

            return text.Length > 0;
        });
        return text;
    }

    private Task<HttpResponseMessage> Post(BoundService service, ServiceRoute route) =>
        platform.Client.PostAsJsonAsync(MovesFixture.Path(service), new { route, evacuate = true, by = "me" }, FuryJson.Options);

    private async Task<JsonElement> Evacuate(BoundService service, ServiceRoute route)
    {
        using var answer = await Post(service, route);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task Ended(BoundService service) => Eventually.True(
        async () => (await platform.Move(service)).TryGetProperty("outcome", out var ended) && ended.GetString() == "evacuated");
}
