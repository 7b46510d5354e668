using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Fury.Sdk.Bindings;
using Fury.Sdk.Caching;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk.Tests.Hosting;

/// <summary>An application that declares services gets them, bound, before it starts.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_keyed_service_and_the_one_by_name_are_the_same_handle()
    {
        using var host = await Start(fury => fury.AddKeyValue("carts").Require(KeyValueCapabilities.Cas));

        var carts = host.Services.GetRequiredKeyedService<KeyValueStore>("carts");

        Assert.Same(carts, host.Services.GetRequiredService<IFury>().KeyValue("carts"));
        Assert.Equal(new BindingInfo("carts", "local", "local", "local", 1, BindingState.Single), carts.Binding);
        await carts.SetAsync("a", new byte[1]);
        Assert.NotNull(await carts.GetAsync("a"));
    }

    [Fact]
    public async Task An_application_whose_needs_cannot_be_met_does_not_start()
    {
        var error = await Assert.ThrowsAsync<FuryException>(
            () => Start(fury => fury.AddKeyValue("carts").Require(new Capability("kv.time-travel"))));

        Assert.Equal(
            (FuryErrorCode.CapabilityNotSupported, "'carts' requires kv.time-travel, which 'local' was not attested to have."),
            (error.Code, error.Message));
    }

    [Fact]
    public async Task A_service_that_nobody_binds_is_named_when_the_start_gives_up()
    {
        var error = await Assert.ThrowsAsync<FuryException>(() => Start(
            fury =>
            {
                fury.AddKeyValue("carts");
                fury.Services.AddSingleton<IBindingSource, NoBindings>();
            },
            options => options.StartTimeout = TimeSpan.FromMilliseconds(50)));

        Assert.Equal(FuryErrorCode.NotBound, error.Code);
        Assert.Contains("carts", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_outside_of_its_regions_is_refused()
    {
        var error = await Assert.ThrowsAsync<FuryException>(() => Start(fury => fury.AddObjects("files").Residency("sa-east")));

        Assert.Equal(FuryErrorCode.ResidencyDenied, error.Code);
    }

    [Fact]
    public async Task A_handler_gets_each_message_and_tries_again_what_failed()
    {
        SettlePayment.Reset();
        using var host = await Start(fury =>
        {
            fury.AddQueue("payments");
            fury.AddKeyValue("inbox");
            fury.AddQueueHandler<Payment, SettlePayment>("payments", PaymentJson.Default.Payment, new QueueHandlerOptions
            {
                Inbox = "inbox",
                MinBackoff = TimeSpan.FromMilliseconds(1),
            });
        });
        var queue = host.Services.GetRequiredService<IFury>().Queue("payments");

        await queue.SendAsync(OutgoingMessage.Json(new Payment("first", 0), PaymentJson.Default.Payment));
        await queue.SendAsync(OutgoingMessage.Json(new Payment("flaky", 2), PaymentJson.Default.Payment));
        await queue.SendAsync(new OutgoingMessage("no json"u8.ToArray()));
        // The same message twice, as a provider may do: the inbox knows it.
        await queue.SendAsync(OutgoingMessage.Json(new Payment("twice", 0), PaymentJson.Default.Payment) with { Id = "same" });
        await Eventually.True(() => SettlePayment.Count("twice") == 1);
        await queue.SendAsync(OutgoingMessage.Json(new Payment("twice", 0), PaymentJson.Default.Payment) with { Id = "same" });

        await Eventually.True(async () => await queue.GetDepthAsync() is { Visible: 0, Leased: 0, Delayed: 0, DeadLettered: 1 });
        Assert.Equal((1, 3, 1), (SettlePayment.Count("first"), SettlePayment.Count("flaky"), SettlePayment.Count("twice")));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_cache_is_a_hybrid_cache_whose_removals_reach_other_nodes()
    {
        using var host = await Start(fury => fury.AddCache("pages", PaymentJson.Default));
        HybridCache cache = host.Services.GetRequiredKeyedService<FuryCache>("pages");

        var made = await cache.GetOrCreateAsync("a", _ => ValueTask.FromResult(new Payment("made", 1)));
        var kept = await cache.GetOrCreateAsync("a", _ => ValueTask.FromResult(new Payment("again", 2)));
        Assert.Equal((made, made), (kept, new Payment("made", 1)));

        var unknown = await Assert.ThrowsAsync<FuryException>(async () => await cache.GetOrCreateAsync("b", _ => ValueTask.FromResult(new Version(1, 0))));
        Assert.Contains("[JsonSerializable(typeof(Version))]", unknown.Message, StringComparison.Ordinal);
    }

    private static async Task<IHost> Start(Action<FuryBuilder> declare, Action<FuryOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        declare(builder.AddFury(configure));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class NoBindings : IBindingSource
    {
        public async IAsyncEnumerable<ServiceBinding> WatchAsync(
            IReadOnlyList<ServiceNeed> needs, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            yield break;
        }
    }
}

internal sealed record Payment(string Name, int Failures);

[JsonSerializable(typeof(Payment))]
internal sealed partial class PaymentJson : JsonSerializerContext;

internal sealed class SettlePayment : IMessageHandler<Payment>
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Seen = new();

    public static void Reset() => Seen.Clear();

    public static int Count(string name) => Seen.GetValueOrDefault(name);

    public Task<HandleOutcome> HandleAsync(Payment message, MessageContext context, CancellationToken cancellationToken) =>
        Seen.AddOrUpdate(message.Name, 1, (_, count) => count + 1) > message.Failures
            ? Task.FromResult(HandleOutcome.Complete)
            : throw new InvalidOperationException("The bank is away.");
}
