using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fury.Sdk.Messaging;

/// <summary>A message to be sent.</summary>
/// <param name="Body">At most 192 KiB.</param>
public sealed record OutgoingMessage(ReadOnlyMemory<byte> Body)
{
    /// <summary>Its identity for whoever handles it. Null: one is drawn.</summary>
    public string? Id { get; init; }

    /// <summary>What kind of message it is, for who reads several.</summary>
    public string? Type { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Messages with the same one are handled in order, one at a time.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>A second message with the same one within 5 minutes is dropped. It also makes sending safe to repeat.</summary>
    public string? DeduplicationId { get; init; }

    /// <summary>Not to be seen before; up to a year.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Dropped when it was not handled by then.</summary>
    public TimeSpan? TimeToLive { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>At most 32; names of letters, digits, '-', '_', '.'; 8 KiB in all.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>A value as JSON; its type's name is the message's.</summary>
    public static OutgoingMessage Json<T>(T value, JsonTypeInfo<T> json) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, json)) { Type = typeof(T).Name };
}

/// <param name="Duplicate">It was dropped: there was one with its <see cref="OutgoingMessage.DeduplicationId"/>.</param>
public sealed record SendReceipt(string MessageId, bool Duplicate);
