using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Fury.Xds.Framing;

/// <summary>Puts messages into gRPC's frames. After a write that has failed, the pipe may hold part of a frame: nothing more may be written.</summary>
/// <param name="timeout">For a whole message to be taken by the pipe.</param>
/// <param name="gone">Set when nobody will read any more, for a pipe that does not learn of it by itself.</param>
internal sealed class FrameWriter(PipeWriter pipe, TimeSpan timeout, TimeProvider clock, CancellationToken gone)
{
    /// <summary>A large message waits for its reader after each so many bytes, so that it is not held a second time as a whole.</summary>
    public const int FlushBytes = 64 * 1024;

    /// <exception cref="TimeoutException">It was not taken in time.</exception>
    /// <exception cref="IOException">There is nobody to take it.</exception>
    public ValueTask Write(IMessage message, CancellationToken cancellation)
    {
        WriteHeader((uint)message.CalculateSize());
        message.WriteTo(pipe);
        return Flush(clock.GetTimestamp(), cancellation);
    }

    /// <summary>One message, of which the parts are the pieces in their order.</summary>
    /// <exception cref="TimeoutException">It was not taken in time.</exception>
    /// <exception cref="IOException">There is nobody to take it.</exception>
    public async ValueTask Write(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation)
    {
        var length = 0L;
        for (var index = 0; index < parts.Count; index++)
        {
            length += parts[index].Length;
        }

        WriteHeader(checked((uint)length));
        var (started, unflushed) = (clock.GetTimestamp(), 0);
        for (var index = 0; index < parts.Count; index++)
        {
            for (var rest = parts[index]; rest.Length > 0;)
            {
                var piece = rest[..Math.Min(rest.Length, FlushBytes - unflushed)];
                pipe.Write(piece.Span);
                rest = rest[piece.Length..];
                unflushed += piece.Length;
                if (unflushed == FlushBytes)
                {
                    await Flush(started, cancellation);
                    unflushed = 0;
                }
            }
        }

        await Flush(started, cancellation);
    }

    private void WriteHeader(uint length)
    {
        var header = pipe.GetSpan(FrameReader.HeaderBytes);
        header[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], length);
        pipe.Advance(FrameReader.HeaderBytes);
    }

    private async ValueTask Flush(long started, CancellationToken cancellation)
    {
        var flush = pipe.FlushAsync(CancellationToken.None);
        var result = flush.IsCompletedSuccessfully ? flush.Result : await Patiently(flush.AsTask(), started, cancellation);
        if (result.IsCompleted || result.IsCanceled || gone.IsCancellationRequested)
        {
            throw NobodyReads();
        }
    }

    private async Task<FlushResult> Patiently(Task<FlushResult> flush, long started, CancellationToken cancellation)
    {
        var left = timeout - clock.GetElapsedTime(started);
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        if (!gone.CanBeCanceled)
        {
            return await flush.WaitAsync(left, clock, cancellation);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, gone);
        try
        {
            return await flush.WaitAsync(left, clock, ended.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw NobodyReads();
        }
    }

    private static IOException NobodyReads() => new("Nobody reads any more.");
}
