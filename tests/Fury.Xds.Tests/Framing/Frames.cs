using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Fury.Xds.Tests.Framing;

/// <summary>gRPC's frames, written a second time: five bytes, and the message.</summary>
internal static class Frames
{
    public static byte[] Header(uint length)
    {
        var header = new byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(1), length);
        return header;
    }

    public static byte[] Of(IMessage message) => [.. Header((uint)message.CalculateSize()), .. message.ToByteArray()];

    /// <summary>The same bytes in many segments.</summary>
    public static ReadOnlySequence<byte> Split(byte[] bytes, int segmentBytes)
    {
        var first = new Segment(bytes.AsMemory(0, Math.Min(segmentBytes, bytes.Length)), 0);
        var last = first;
        for (var index = segmentBytes; index < bytes.Length; index += segmentBytes)
        {
            last = last.Add(bytes.AsMemory(index, Math.Min(segmentBytes, bytes.Length - index)));
        }

        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Add(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
