using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Fury.Xds.Framing;

/// <summary>Takes messages out of gRPC's frames: a byte that says whether the message is compressed, four bytes of length, the message.</summary>
/// <param name="messageBytesMax">Of a longer message, no more is kept than what has come with its length.</param>
internal sealed class FrameReader(PipeReader pipe, int messageBytesMax)
{
    public const int HeaderBytes = 5;

    /// <summary>The next message, or null at the end of the stream. Fields that are not known are not kept.</summary>
    public async ValueTask<T?> Read<T>(CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellation);
            var (consumed, examined) = (result.Buffer.Start, result.Buffer.End);
            try
            {
                if (TryTake(result.Buffer, out var message))
                {
                    consumed = examined = message.End;
                    return Parse<T>(message);
                }

                if (result.IsCompleted)
                {
                    return result.Buffer.IsEmpty
                        ? null
                        : throw new GrpcException(GrpcStatus.InvalidArgument, "The stream has ended in the middle of a message.");
                }
            }
            finally
            {
                pipe.AdvanceTo(consumed, examined);
            }
        }
    }

    private bool TryTake(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        if (header[0] != 0)
        {
            throw new GrpcException(GrpcStatus.Unimplemented, "Compressed messages are not taken.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > messageBytesMax)
        {
            throw new GrpcException(GrpcStatus.ResourceExhausted, $"A message of {length} bytes is too large; at most {messageBytesMax} are taken.");
        }

        if (buffer.Length < HeaderBytes + length)
        {
            return false;
        }

        message = buffer.Slice(HeaderBytes, length);
        return true;
    }

    private static T Parse<T>(ReadOnlySequence<byte> message)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return Parsers<T>.Instance.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException failure)
        {
            throw new GrpcException(GrpcStatus.InvalidArgument, $"This is no {Parsers<T>.Name}: {failure.Message}", failure);
        }
    }

    private static class Parsers<T>
        where T : class, IMessage<T>, new()
    {
        public static readonly string Name = new T().Descriptor.FullName;
        public static readonly MessageParser<T> Instance = new MessageParser<T>(() => new T()).WithDiscardUnknownFields(true);
    }
}
