using System.Buffers.Binary;

namespace Fury.Sdk.Gateway;

/// <summary>Frames in a stream of bytes.</summary>
internal static class WireFrame
{
    /// <summary>The fields of the next frame.</summary>
    /// <exception cref="FormatException">It says to have more than that.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    public static async ValueTask<WireReader> Read(Stream stream, int bytesMax, CancellationToken cancellation) =>
        (await ReadSized(stream, bytesMax, cancellation)).Fields;

    /// <summary>The same, with how many bytes the frame has in all.</summary>
    public static async ValueTask<(WireReader Fields, int Size)> ReadSized(Stream stream, int bytesMax, CancellationToken cancellation)
    {
        var head = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(head, cancellation);
        var fields = await Rest(stream, head, bytesMax, cancellation);
        return (fields, fields.Length + head.Length);
    }

    private static async ValueTask<WireReader> Rest(Stream stream, byte[] head, int bytesMax, CancellationToken cancellation)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length < 0 || length > bytesMax)
        {
            throw new FormatException($"A frame of {length} bytes; at most {bytesMax} are right.");
        }

        // Not from a pool: drivers keep what they are given.
        var fields = new byte[length];
        await stream.ReadExactlyAsync(fields, cancellation);
        return new WireReader(fields);
    }
}

/// <summary>Failures and capabilities in frames.</summary>
internal static class WireFailures
{
    public static void Write(WireWriter writer, FuryException failure, string message) => writer
        .Number((long)failure.Code)
        .Text(message)
        .Yes(failure.IsTransient)
        .Yes(failure.OutcomeUnknown)
        .Number(failure.RetryAfter?.Ticks)
        .Text(failure.ProviderCode)
        .Text(failure.RequestId);

    public static FuryException Read(WireReader reader)
    {
        var code = (FuryErrorCode)reader.Int();
        return new FuryException(Enum.IsDefined(code) ? code : FuryErrorCode.Unknown, reader.Text())
        {
            IsTransient = reader.Yes(),
            OutcomeUnknown = reader.Yes(),
            RetryAfter = reader.NumberOrNull() is { } ticks ? TimeSpan.FromTicks(ticks) : null,
            ProviderCode = reader.TextOrNull(),
            RequestId = reader.TextOrNull(),
        };
    }

    public static void Write(WireWriter writer, CapabilitySet capabilities) => writer
        .List(capabilities.Levels, static (to, each) => to.Text(each.Key.Name).Number((long)each.Value))
        .List(capabilities.Limits, static (to, each) => to.Text(each.Key).Number(each.Value))
        .Time(capabilities.AttestedAt);

    public static CapabilitySet ReadCapabilities(WireReader reader) => new(
        reader
            .List(static from => (Name: new Capability(from.Text()), Level: from.Choice<CapabilityLevel>()))
            .ToDictionary(each => each.Name, each => each.Level),
        reader.List(static from => (Name: from.Text(), Value: from.Number())).ToDictionary(each => each.Name, each => each.Value),
        reader.TimeOrNull());
}
