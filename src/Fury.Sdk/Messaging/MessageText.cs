using System.Buffers.Binary;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

/// <summary>All but the body of a message as JSON, for providers that know less of messages: its headers, its key, and what it was moved with.</summary>
internal static class MessageText
{
    public const string ReasonHeader = "fury-reason";
    public const string SentHeader = "fury-sent-ms";

    private const string KeyHeader = "fury-key";

    public static byte[] Write(DriverMessage message, IEnumerable<(string Name, string Value)> more)
    {
        var headers = new Dictionary<string, string>(message.Headers);
        foreach (var (name, value) in more)
        {
            headers[name] = value;
        }

        if (message.OrderingKey is { } key)
        {
            headers[KeyHeader] = key;
        }

        return HeadersJson.Write(headers);
    }

    /// <summary>The message, why it was put aside, and the ms since 1970 when it was sent first, if it has been moved since.</summary>
    public static (DriverMessage Message, string? Reason, string? Sent) Read(ReadOnlySpan<byte> json, ReadOnlyMemory<byte> body)
    {
        var headers = HeadersJson.Read(json);
        headers.Remove(KeyHeader, out var key);
        headers.Remove(ReasonHeader, out var reason);
        headers.Remove(SentHeader, out var sent);
        return (new DriverMessage(headers.GetValueOrDefault("ce-id", ""), body, headers) { OrderingKey = key }, reason, sent);
    }

    /// <summary>With the body behind it: the length of the JSON in 4 bytes, the lowest first, then the JSON, then the body.</summary>
    public static byte[] Frame(DriverMessage message, IEnumerable<(string Name, string Value)> more)
    {
        var json = Write(message, more);
        var frame = new byte[sizeof(int) + json.Length + message.Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, sizeof(int));
        message.Body.CopyTo(frame.AsMemory(sizeof(int) + json.Length));
        return frame;
    }

    /// <inheritdoc cref="Read"/>
    public static (DriverMessage Message, string? Reason, string? Sent) Unframe(ReadOnlyMemory<byte> frame)
    {
        var length = frame.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(frame.Span);
        return length < 0 || length > frame.Length - sizeof(int)
            ? throw new FuryException(FuryErrorCode.Corrupted, "The queue holds a message that was not sent by this SDK.")
            : Read(frame.Span.Slice(sizeof(int), length), frame[(sizeof(int) + length)..]);
    }
}
