using System.Diagnostics;
using System.Globalization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

/// <summary>
/// How a message travels on every provider: CloudEvents 1.0 attributes and W3C trace context as headers, the application's own attributes as
/// <c>a-NAME</c>.
/// </summary>
internal static class MessageEnvelope
{
    private const string Version = "ce-specversion";
    private const string Id = "ce-id";
    private const string Type = "ce-type";
    private const string Source = "ce-source";
    private const string ContentType = "content-type";
    private const string Correlation = "correlation-id";
    private const string Expires = "expires-ms";
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";
    private const string Attribute = "a-";

    public static DriverMessage Wrap(OutgoingMessage message, string source, DateTimeOffset now)
    {
        var id = message.Id ?? Guid.CreateVersion7(now).ToString("N");
        var headers = new Dictionary<string, string>
        {
            [Version] = "1.0",
            [Id] = id,
            [Source] = source,
            [ContentType] = message.ContentType,
        };
        Add(headers, Type, message.Type);
        Add(headers, Correlation, message.CorrelationId);
        Add(headers, TraceParent, Activity.Current?.Id);
        Add(headers, TraceState, Activity.Current?.TraceStateString);
        Add(headers, Expires, message.TimeToLive is { } life ? Text((now + life).ToUnixTimeMilliseconds()) : null);
        foreach (var (name, value) in message.Attributes)
        {
            headers[Header(name)] = value;
        }

        return new DriverMessage(id, message.Body, headers)
        {
            OrderingKey = message.OrderingKey,
            DeduplicationId = message.DeduplicationId,
            Delay = message.Delay ?? TimeSpan.Zero,
        };
    }

    public static string? TypeOf(DriverMessage message) => message.Headers.GetValueOrDefault(Type);

    public static string ContentTypeOf(DriverMessage message) => message.Headers.GetValueOrDefault(ContentType, "application/octet-stream");

    public static string? CorrelationOf(DriverMessage message) => message.Headers.GetValueOrDefault(Correlation);

    public static ActivityContext TraceOf(DriverMessage message) =>
        ActivityContext.TryParse(message.Headers.GetValueOrDefault(TraceParent), message.Headers.GetValueOrDefault(TraceState), true, out var trace)
            ? trace
            : default;

    public static bool IsExpired(DriverMessage message, DateTimeOffset now) =>
        long.TryParse(message.Headers.GetValueOrDefault(Expires), CultureInfo.InvariantCulture, out var over) && now.ToUnixTimeMilliseconds() >= over;

    public static Dictionary<string, string> AttributesOf(DriverMessage message) => message.Headers
        .Where(each => each.Key.StartsWith(Attribute, StringComparison.Ordinal))
        .ToDictionary(each => each.Key[Attribute.Length..], each => each.Value);

    /// <summary>The header of an application's attribute.</summary>
    public static string Header(string attribute) => Attribute + attribute;

    /// <summary>Whether a message has all these attributes.</summary>
    public static bool Matches(DriverMessage message, IReadOnlyDictionary<string, string> filter) =>
        filter.All(each => message.Headers.GetValueOrDefault(Header(each.Key)) == each.Value);

    private static void Add(Dictionary<string, string> headers, string name, string? value)
    {
        if (value is not null)
        {
            headers[name] = value;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
