using Fury.Sdk.Checks;

namespace Fury.Sdk.Messaging;

/// <summary>What arguments of queues and topics must be.</summary>
internal static class MessageChecks
{
    public const int BodyBytesMax = 192 * 1024;
    public const int BatchMax = 100;

    private const int AttributesMax = 32;
    private const int AttributesBytesMax = 8 * 1024;
    private const int NameBytesMax = 256;

    private static readonly TimeSpan LeaseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaseMax = TimeSpan.FromHours(12);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan YearLong = TimeSpan.FromDays(366);

    /// <param name="large">Where large bodies are kept; null: nowhere.</param>
    public static void Message(OutgoingMessage message, ClaimCheck? large)
    {
        Check.NotNull("message", message);
        Check.Size(
            "The body", message.Body.Length, large?.BytesMax ?? BodyBytesMax, "Keep it as an object, and send its key; LargeBodies does that by itself.");
        Name("Id", message.Id);
        Name("Type", message.Type);
        Name("ContentType", message.ContentType);
        Name("OrderingKey", message.OrderingKey);
        Name("DeduplicationId", message.DeduplicationId);
        Name("CorrelationId", message.CorrelationId);
        Check.Between("Delay", message.Delay, TimeSpan.Zero, message.Body.Length > BodyBytesMax ? large!.Life : YearLong);
        Check.Between("TimeToLive", message.TimeToLive, TimeSpan.FromMilliseconds(1), YearLong);
        Attributes(message.Attributes);
    }

    public static void Receive(ReceiveOptions options)
    {
        Check.Between("MaxMessages", options.MaxMessages, 1, 100);
        Check.Between("Wait", options.Wait, TimeSpan.Zero, WaitMax);
        Lease(options.Lease);
    }

    public static void Lease(TimeSpan lease) => Check.Between("Lease", lease, LeaseMin, LeaseMax);

    public static void Delay(TimeSpan? delay) => Check.Between("visibleAfter", delay, TimeSpan.Zero, LeaseMax);

    public static void Queue(QueueOptions options)
    {
        Check.NotNull("options", options);
        Check.Between("MaxDeliveries", options.MaxDeliveries, 1, 1000);
        Attributes(options.Filter);
        options.LargeBodies?.CheckAll();
    }

    private static void Name(string field, string? value)
    {
        if (value is not null)
        {
            Check.Key(field, value, NameBytesMax);
        }
    }

    private static void Attributes(IReadOnlyDictionary<string, string> attributes)
    {
        Check.NotNull("Attributes", attributes);
        Check.Between("The number of attributes", attributes.Count, 0, AttributesMax);
        var bytes = 0;
        foreach (var (name, value) in attributes)
        {
            if (name.Length is 0 or > 64 || !name.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.'))
            {
                throw Failure.Invalid($"The attribute {Check.Show(name)} must be named by 1 to 64 ASCII letters, digits, '-', '_' or '.'.");
            }

            if (value is null || value.Contains('\0'))
            {
                throw Failure.Invalid($"The attribute '{name}' is {Check.Show(value)}; any text without NUL is right.");
            }

            bytes += name.Length + (value.Length * 3);
        }

        Check.Size("Attributes", bytes, AttributesBytesMax, "Put more into the body.");
    }
}
