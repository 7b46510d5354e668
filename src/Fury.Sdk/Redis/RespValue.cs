using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Fury.Sdk.Redis;

internal enum RespKind
{
    Null = 0,
    Text = 1,
    Number = 2,
    Bytes = 3,
    List = 4,
    Error = 5,
}

/// <summary>An answer of the Redis protocol, version 2.</summary>
internal readonly record struct RespValue(RespKind Kind, ReadOnlyMemory<byte> Bytes, long Number, IReadOnlyList<RespValue>? Items)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public bool IsNull => Kind == RespKind.Null;

    /// <summary>Reads one answer; false when not all of it is there yet.</summary>
    public static bool TryRead(ref SequenceReader<byte> reader, out RespValue value)
    {
        value = default;
        if (!reader.TryRead(out var mark) || !reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return false;
        }

        switch (mark)
        {
            case (byte)'+':
                value = new(RespKind.Text, line.ToArray(), 0, null);
                return true;
            case (byte)'-':
                value = new(RespKind.Error, line.ToArray(), 0, null);
                return true;
            case (byte)':':
                value = new(RespKind.Number, default, Parse(line), null);
                return true;
            case (byte)'$':
                return TryReadBytes(ref reader, Parse(line), out value);
            case (byte)'*':
                return TryReadList(ref reader, Parse(line), out value);
            default:
                throw new FuryException(FuryErrorCode.Corrupted, $"An answer of Redis begins with byte {mark}.") { OutcomeUnknown = true };
        }
    }

    private static bool TryReadBytes(ref SequenceReader<byte> reader, long length, out RespValue value)
    {
        value = default;
        if (length < 0)
        {
            return true;
        }

        if (!reader.TryReadExact((int)length, out var bytes) || reader.Remaining < 2)
        {
            return false;
        }

        reader.Advance(2);
        value = new(RespKind.Bytes, bytes.ToArray(), 0, null);
        return true;
    }

    private static bool TryReadList(ref SequenceReader<byte> reader, long length, out RespValue value)
    {
        value = default;
        if (length < 0)
        {
            return true;
        }

        var items = new RespValue[length];
        for (var index = 0; index < length; index++)
        {
            if (!TryRead(ref reader, out items[index]))
            {
                return false;
            }
        }

        value = new(RespKind.List, default, 0, items);
        return true;
    }

    private static long Parse(ReadOnlySequence<byte> line) => Utf8Parser.TryParse(line.ToArray(), out long number, out _)
        ? number
        : throw new FuryException(FuryErrorCode.Corrupted, "An answer of Redis has a length that is none.") { OutcomeUnknown = true };
}
