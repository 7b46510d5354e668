using System.Text;
using System.Text.Json.Serialization;
using Fury.Sdk.Messaging;
using Fury.Sdk.Objects;

namespace Shop;

/// <summary>Writes an invoice for each order.</summary>
internal sealed class Billing([FromKeyedServices("invoices")] ObjectBucket invoices) : IMessageHandler<Order>
{
    public async Task<HandleOutcome> HandleAsync(Order order, MessageContext context, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetBytes($"{string.Join('\n', order.Items)}\n");
        await invoices.WriteAsync($"{order.Cart}.txt", text, new ObjectWriteOptions { ContentType = "text/plain" }, cancellationToken);
        return HandleOutcome.Complete;
    }
}

internal sealed record Visits(long Count);

internal sealed record Cart(IReadOnlyList<string> Items);

internal sealed record Order(string Cart, IReadOnlyList<string> Items);

[JsonSerializable(typeof(Visits))]
[JsonSerializable(typeof(Cart))]
[JsonSerializable(typeof(Order))]
internal sealed partial class ShopJson : JsonSerializerContext;
