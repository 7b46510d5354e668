using System.Globalization;
using System.Text;
using Fury.Sdk;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;

namespace Shop;

/// <summary>What customers do at the counter. Each answer names the driver that is behind the carts, for those who watch it change.</summary>
internal sealed class Counter(IFury fury)
{
    private const int Visitors = 1000;
    private static readonly KvWriteOptions ForAWeek = new() { TimeToLive = TimeSpan.FromDays(7) };

    private readonly KeyValueStore _carts = fury.KeyValue("carts");
    private readonly MessageQueue _orders = fury.Queue("orders");
    private readonly ObjectBucket _invoices = fury.Objects("invoices");
    private long _visits;

    /// <summary>The next of a thousand visitors comes once more: reads, and writes what it has read if nobody else did.</summary>
    public async Task Visit(HttpContext context)
    {
        var visitor = (Interlocked.Increment(ref _visits) % Visitors).ToString(CultureInfo.InvariantCulture);
        var visits = await _carts.UpdateAsync(
            $"visits/{visitor}", before => new Visits((before?.Count ?? 0) + 1), ShopJson.Default.Visits, ForAWeek, context.RequestAborted);
        await Say(context, $"visit {visits.Value.Count} of visitor {visitor}");
    }

    public async Task Add(HttpContext context, string id, string item)
    {
        var cart = await _carts.UpdateAsync(
            $"carts/{id}", before => new Cart([.. before?.Items ?? [], item]), ShopJson.Default.Cart, ForAWeek, context.RequestAborted);
        await Say(context, string.Join(' ', cart.Value.Items));
    }

    /// <summary>Sends the cart to billing. Of an order that is sent twice one counts.</summary>
    public async Task Order(HttpContext context, string id)
    {
        if (await _carts.GetAsync($"carts/{id}", ShopJson.Default.Cart, cancellationToken: context.RequestAborted) is not { } cart)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var order = OutgoingMessage.Json(new Order(id, cart.Value.Items), ShopJson.Default.Order);
        await _orders.SendAsync(order with { OrderingKey = id, DeduplicationId = $"{id}/{cart.ETag}" }, context.RequestAborted);
        await Say(context, $"ordered {cart.Value.Items.Count}");
    }

    public async Task Invoice(HttpContext context, string id)
    {
        if (await _invoices.ReadBytesAsync($"{id}.txt", cancellationToken: context.RequestAborted) is { } invoice)
        {
            await Say(context, Encoding.UTF8.GetString(invoice));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private Task Say(HttpContext context, string text)
    {
        context.Response.Headers["x-carts"] = $"{_carts.Binding.Provider} {_carts.Binding.Epoch}";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
