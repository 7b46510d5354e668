using System.Net;
using System.Net.Http.Json;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Tests.Moving;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Tests.Moves;

/// <summary>
/// What is bound through the gateway is moved by the same protocol: the hosts work on both providers, each call by the step that its instance has heard of, and
/// instances are told of nothing but further epochs.
/// </summary>
[Collection(MovesFixture.Name)]
public sealed class GatewayMoveTests(MovesFixture platform)
{
    private const int Seed = 20261130;

    private ServiceRoute InMemory { get; } = new("local", ServiceRoute.Gateway, null, "local", $"{Guid.NewGuid():n}", null);

    private ServiceRoute InRedis => new("redis", ServiceRoute.Gateway, platform.Redis.Endpoint.OriginalString, "local", InMemory.Resource, null);

    private ServiceRoute InPostgres => new("postgres", ServiceRoute.Gateway, null, "local", InMemory.Resource, null);

    [Fact]
    public async Task A_store_moves_behind_the_gateway_while_it_is_written_and_its_instances_see_nothing_of_it()
    {
        var service = await platform.Service("gate-busy", ServiceKind.KeyValue, InMemory);
        using var one = await platform.Instance(service, "one", fury => fury.AddKeyValue("carts"));
        using var two = await platform.Instance(service, "two", fury => fury.AddKeyValue("carts"));
        KeyValueStore[] stores = [.. new[] { one, two }.Select(each => each.Services.GetRequiredService<IFury>().KeyValue("carts"))];
        var traffic = new MoveTraffic(stores, faulty: 0, Seed, pauseMs: 60);
        await traffic.Start();
        await using var mover = await platform.Mover("gate-busy");

        foreach (var route in new[] { InRedis, InPostgres })
        {
            // The way of the instances need not be said: it stays.
            await platform.Begin(service, route with { Transport = null! });
            await Ended(service, "moved");
            await traffic.GoOn(40);
        }

        var problems = await traffic.Stop();
        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(3)));
        Assert.All(stores, store => Assert.Equal(("gateway", BindingState.Single), (store.Binding.Provider, store.Binding.State)));
        var bound = (await platform.Get<IBindingMoves>().Find(service, default)).Value;
        Assert.Equal(("postgres", ServiceRoute.Gateway, 1L), (bound.Route!.Driver, bound.Route.Transport, bound.TokenEpoch));
        await one.StopAsync();
        await two.StopAsync();
    }

    [Fact]
    public async Task Tokens_of_a_lock_grow_over_a_move_behind_the_gateway_and_a_lease_of_before_goes_on()
    {
        var service = await platform.Service("gate-lock", ServiceKind.Locks, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddLocks("carts"));
        var locks = app.Services.GetRequiredService<IFury>().Locks("carts");
        List<long> tokens = [];
        await using var kept = await locks.TryAcquireAsync("kept");
        await platform.Begin(service, InRedis);
        await using var mover = await platform.Mover("gate-lock");

        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            await using var lease = await locks.TryAcquireAsync("l");
            Assert.NotNull(lease);
            tokens.Add(lease.FencingToken);
            Assert.Null(await locks.TryAcquireAsync("kept"));
            await kept!.RenewAsync(TimeSpan.FromSeconds(30));
            await Task.Delay(20);
        }

        await using var last = await locks.TryAcquireAsync("l");
        tokens.Add(last!.FencingToken);
        Assert.Equal(tokens.Distinct().Order(), tokens);
        // Those of two steps that are neighbours grow in whichever order they are given: the epoch in them is the one of before.
        Assert.All(tokens, token => Assert.Equal(1, token >> 40));
        Assert.False(kept!.Lost.IsCancellationRequested);
        Assert.Equal("moved", (await platform.Move(service)).GetProperty("outcome").GetString());
        await app.StopAsync();
    }

    private static ReceiveOptions One => new() { MaxMessages = 1, Wait = TimeSpan.Zero };

    [Fact]
    public async Task A_message_that_was_received_before_a_step_of_a_move_is_settled_after_it()
    {
        var service = await platform.Service("gate-queue", ServiceKind.Queue, InMemory);
        using var app = await platform.Instance(service, "one", fury => fury.AddQueue("carts"));
        var queue = app.Services.GetRequiredService<IFury>().Queue("carts");
        for (var each = 0; each < 3; each++)
        {
            await queue.SendAsync(new OutgoingMessage(new[] { (byte)each }));
        }

        var before = Assert.Single(await queue.ReceiveAsync(One));
        await platform.Begin(service, InRedis);
        await using var mover = await platform.Mover("gate-queue");
        // The move waits for it, as for every call of before.
        await Eventually.True(async () => (await platform.Move(service)).TryGetProperty("waitsFor", out var why)
            && why.GetString()!.StartsWith("one works by epoch 1 still", StringComparison.Ordinal) && queue.Binding.Epoch == 2);
        for (var looks = 0; looks < 40; looks++)
        {
            Assert.Equal("prepare", (await platform.Move(service)).GetProperty("step").GetString());
            await Task.Delay(20);
        }

        var told = await Told(service);
        Assert.Contains("gateway", told, StringComparison.Ordinal);
        Assert.DoesNotContain("redis", told, StringComparison.Ordinal);
        await before.RenewAsync(TimeSpan.FromMinutes(1));
        await before.CompleteAsync();

        var received = 1;
        while (!(await platform.Move(service)).TryGetProperty("outcome", out _))
        {
            foreach (var message in await queue.ReceiveAsync(One))
            {
                received++;
                await message.CompleteAsync();
            }

            await Task.Delay(20);
        }

        Assert.Equal(3, received);
        Assert.Empty(await queue.ReceiveAsync(One));
        await app.StopAsync();
    }

    [Fact]
    public async Task Nobody_writes_to_the_target_while_somebody_may_still_write_to_a_source_that_is_left()
    {
        var source = InMemory with { Driver = FrailProvider.Name };
        var target = source with { Resource = source.Resource + "-2", Transport = null! };
        var service = await platform.Service("gate-fence", ServiceKind.KeyValue, source);
        await platform.Begin(service, target);
        await Dies("gate-fence", "save Copy");
        // Instances ask by what they have heard of: this one by the step before.
        await using var before = await Asking(service, 2);
        await Put(before);

        using var left = await platform.Client.PostAsJsonAsync(MovesFixture.Path(service), new { route = target, evacuate = true }, FuryJson.Options);
        Assert.True(left.StatusCode == HttpStatusCode.Accepted, await left.Content.ReadAsStringAsync());
        await Dies("gate-fence", "save TakeOver");
        await using var fenced = await Asking(service, 3);
        await fenced.ProbeAsync(default);
        var error = await Assert.ThrowsAsync<FuryException>(() => Put(fenced));
        Assert.Equal((FuryErrorCode.StaleBinding, true, false), (error.Code, error.IsTransient, error.OutcomeUnknown));
        await Put(before);
        Assert.DoesNotContain(target.Resource, platform.Frail.Writes);

        await using var mover = await platform.Mover("gate-fence");
        await Ended(service, "evacuated");
        await using var after = await Asking(service, 4);
        await Put(after);
        Assert.Contains(target.Resource, platform.Frail.Writes);
        foreach (var stale in new[] { before, fenced })
        {
            Assert.Equal(FuryErrorCode.StaleBinding, (await Assert.ThrowsAsync<FuryException>(() => Put(stale))).Code);
        }

        async Task Dies(string name, string where)
        {
            await using var dies = await platform.Mover(name, new MoverDeaths(where));
            await dies.Died.WaitAsync(Eventually.Deadline);
        }
    }

    [Fact]
    public async Task A_move_does_not_change_the_way_of_the_instances()
    {
        var service = await platform.Service("gate-way", ServiceKind.KeyValue, InMemory);

        using var answer = await platform.Client.PostAsJsonAsync(
            MovesFixture.Path(service), new { route = InRedis with { Transport = "direct" } }, FuryJson.Options);

        var said = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("route.transport", said, StringComparison.Ordinal);
    }

    /// <summary>What an instance has that works by an epoch.</summary>
    private async Task<IKeyValueDriver> Asking(BoundService service, long epoch)
    {
        var context = new DriverContext(
            $"{service.Service}", new(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", $"{service.Service}"), TimeProvider.System)
        {
            Epoch = epoch,
        };
        var address = new Uri(platform.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return (IKeyValueDriver)await GatewayProvider.Factories(address, platform.Get<WorkloadIdentity>().TokenOf(service.Scope))
            .Single(each => each.Kind == Sdk.ServiceKind.KeyValue)
            .OpenAsync(context, default);
    }

    private static async Task Put(IKeyValueDriver store) => await store.WriteAsync(
        new KvStep(KvStepKind.Put, "a", new KvEnvelope(Guid.NewGuid(), 1, 0, 0).Wrap([]), KvGuard.None, null), default);

    /// <summary>What an instance is told of what is bound.</summary>
    private async Task<string> Told(BoundService service)
    {
        using var question = new HttpRequestMessage(HttpMethod.Post, "runtime/bindings")
        {
            Content = JsonContent.Create(new { instance = "other", waitSeconds = 0, isLeaving = true }, options: FuryJson.Options),
            Headers = { Authorization = new("Bearer", platform.Get<WorkloadIdentity>().TokenOf(service.Scope)) },
        };
        using var answer = await platform.Client.SendAsync(question);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private Task Ended(BoundService service, string outcome) => Eventually.True(
        async () => (await platform.Move(service)).TryGetProperty("outcome", out var ended) && ended.GetString() == outcome,
        because: $"it is {outcome}");
}
