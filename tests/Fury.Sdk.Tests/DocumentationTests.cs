using System.Text.Json.Serialization;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;
using Fury.Sdk.Testing;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk.Tests;

/// <summary>The examples of <c>docs/sdk.md</c> stand here, so that they compile, run, and are those on the page.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public async Task The_example_declares_and_uses_services()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);

        // docs: declare
        var fury = builder.AddFury();
        fury.AddObjects("invoices").Require(ObjectCapabilities.ConditionalCreate);
        fury.AddKeyValue("carts").Require(KeyValueCapabilities.Cas, KeyValueCapabilities.TimeToLive);
        fury.AddQueue("orders");
        fury.AddQueueHandler<Order, BillOrder>("orders", ShopJson.Default.Order);
        fury.AddLocks();
        // docs: end

        using var host = builder.Build();
        await host.StartAsync();
        var checkout = ActivatorUtilities.CreateInstance<Checkout>(host.Services);
        await checkout.Add("c1", "book", CancellationToken.None);
        await checkout.Order("c1", CancellationToken.None);

        var invoices = host.Services.GetRequiredKeyedService<ObjectBucket>("invoices");
        await Eventually.True(async () => await invoices.GetPropertiesAsync("c1.txt") is { Length: 4 });
        await host.StopAsync();
    }

    [Fact]
    public async Task The_example_of_a_test_shows_a_lost_answer()
    {
        // docs: test
        await using var fury = await FuryTestHost.StartAsync(app => app.AddKeyValue("carts"));
        var carts = fury.Services.KeyValue("carts");

        fury.Faults.On("carts", "WriteAsync").CutAfterSend();
        await carts.SetAsync("c1", "book"u8.ToArray(), new KvWriteOptions { TimeToLive = TimeSpan.FromMinutes(5) });
        Assert.NotNull(await carts.GetAsync("c1"));

        fury.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(await carts.GetAsync("c1"));
        // docs: end
    }

    [Fact]
    public async Task The_example_of_a_secret_reads_it()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddSecrets());
        var connection = new Connection(fury.Services);
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Password(CancellationToken.None));

        await fury.Services.Secrets().AddVersionAsync("DB_PASSWORD", "canary"u8.ToArray());

        Assert.Equal("canary", await connection.Password(CancellationToken.None));
    }

    [Theory]
    [InlineData("declare")]
    [InlineData("use")]
    [InlineData("test")]
    [InlineData("secrets")]
    public void The_page_has_the_examples(string name) => PageExample.IsOn("docs/sdk.md", name);
}

internal sealed record Cart(string[] Items);

internal sealed record Order(string Cart, string[] Items);

[JsonSerializable(typeof(Cart))]
[JsonSerializable(typeof(Order))]
internal sealed partial class ShopJson : JsonSerializerContext;

// docs: use
internal sealed class Checkout(
    [FromKeyedServices("carts")] KeyValueStore carts, [FromKeyedServices("orders")] MessageQueue orders, IFury fury)
{
    public Task Add(string id, string item, CancellationToken stop) => carts.UpdateAsync(
        id,
        cart => new Cart([.. cart?.Items ?? [], item]),
        ShopJson.Default.Cart,
        new KvWriteOptions { TimeToLive = TimeSpan.FromDays(7) },
        stop);

    public async Task Order(string id, CancellationToken stop)
    {
        await using var lease = await fury.Locks().TryAcquireAsync($"checkout/{id}", cancellationToken: stop);
        if (lease is not null && await carts.GetAsync(id, ShopJson.Default.Cart, cancellationToken: stop) is { } cart)
        {
            var order = OutgoingMessage.Json(new Order(id, cart.Value.Items), ShopJson.Default.Order);
            await orders.SendAsync(order with { OrderingKey = id, DeduplicationId = $"{id}/{cart.ETag}" }, stop);
            await carts.SetAsync(id, new Cart([]), ShopJson.Default.Cart, new KvWriteOptions { Fence = lease }, stop);
        }
    }
}

internal sealed class BillOrder([FromKeyedServices("invoices")] ObjectBucket invoices) : IMessageHandler<Order>
{
    public async Task<HandleOutcome> HandleAsync(Order order, MessageContext context, CancellationToken stop)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', order.Items));
        await invoices.WriteAsync($"{order.Cart}.txt", text, new ObjectWriteOptions { ContentType = "text/plain" }, stop);
        return HandleOutcome.Complete;
    }
}
// docs: end

// docs: secrets
internal sealed class Connection(IFury fury)
{
    public async Task<string> Password(CancellationToken stop) => (await fury.Secrets().GetAsync("DB_PASSWORD", cancellationToken: stop))?.RevealText()
        ?? throw new InvalidOperationException("Nobody has set DB_PASSWORD.");
}
// docs: end
