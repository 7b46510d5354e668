using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fury.Xds.Framing;

/// <summary>
/// The server's side of one gRPC call over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md), for a call that may be
/// silent for days: <see cref="Begin"/>, then reads and writes, then <see cref="Finish"/>. One read and one write may wait at the same time,
/// not two of a kind. The call lasts as long as the request's delegate does.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of messages, as gRPC and xDS call it.")]
public sealed class GrpcServerStream(HttpContext context, GrpcLimits limits, TimeProvider clock)
{
    private readonly FrameReader _reader = new(context.Request.BodyReader, limits.ReadBytesMax);
    private readonly FrameWriter _writer = new(context.Response.BodyWriter, limits.WriteTimeout, clock, CancellationToken.None);

    /// <summary>
    /// Sends the headers at once, and lifts Kestrel's bounds on the rate and the size of the request's body: both count over the life of the
    /// stream. False when this is no gRPC request; then it is answered (505 for HTTP/1, 415 for another content type), and nothing is left to do.
    /// </summary>
    public async ValueTask<bool> Begin()
    {
        if (!IsGrpc(out var status))
        {
            context.Response.StatusCode = status;
            return false;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        context.Response.ContentType = GrpcHeaders.ContentType;
        await context.Response.StartAsync(CancellationToken.None);
        await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
        return true;
    }

    /// <summary>The next message, or null when the client has no more to say. Fields that are not known are not kept.</summary>
    /// <exception cref="GrpcException">
    /// <see cref="GrpcStatus.ResourceExhausted"/>: too long. <see cref="GrpcStatus.Unimplemented"/>: compressed.
    /// <see cref="GrpcStatus.InvalidArgument"/>: no such message, or only part of one. <see cref="GrpcStatus.Cancelled"/>: the client has left.
    /// </exception>
    public async ValueTask<T?> Read<T>(CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return await _reader.Read<T>(cancellation);
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            throw ClientHasLeft(failure);
        }
    }

    /// <exception cref="GrpcException">As for parts.</exception>
    public ValueTask Write(IMessage message, CancellationToken cancellation) => Written(_writer.Write(message, cancellation), cancellation);

    /// <summary>
    /// Writes one message, given as pieces of its serialised form. Protocol buffers may be joined: a message is its scalar fields, serialised
    /// for this stream, and then pieces with elements of its repeated fields, serialised once for all streams. Pieces must not change before
    /// the write has ended. A write that is cancelled ends the stream.
    /// </summary>
    /// <exception cref="GrpcException">
    /// <see cref="GrpcStatus.Cancelled"/>: the client has left. <see cref="GrpcStatus.ResourceExhausted"/>: it has not read in time; the stream
    /// is reset with ENHANCE_YOUR_CALM, since no status can overtake the bytes that it does not read.
    /// </exception>
    public ValueTask Write(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation) =>
        Written(_writer.Write(parts, cancellation), cancellation);

    /// <summary>
    /// Ends the call with a status; without <see cref="Begin"/> it is all of the answer. A client that has left, or does not read it in time,
    /// is no error.
    /// </summary>
    /// <param name="message">For people; cut when it is long.</param>
    public async ValueTask Finish(GrpcStatus status, string message = "")
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        SetStatus(status, message);
        try
        {
            await context.Response.CompleteAsync().WaitAsync(limits.WriteTimeout, clock);
        }
        catch (TimeoutException)
        {
            Reset(TransportFailure.EnhanceYourCalm);
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            // The client has left.
        }
    }

    private static GrpcException ClientHasLeft(Exception failure) => new(GrpcStatus.Cancelled, "The client has left.", failure);

    private bool IsGrpc(out int status)
    {
        status = !HttpProtocol.IsHttp2(context.Request.Protocol) ? StatusCodes.Status505HttpVersionNotsupported
            : !GrpcHeaders.IsGrpc(context.Request.ContentType) ? StatusCodes.Status415UnsupportedMediaType
            : StatusCodes.Status200OK;
        return status == StatusCodes.Status200OK;
    }

    private void SetStatus(GrpcStatus status, string message)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            response.AppendTrailer(GrpcHeaders.Status, GrpcHeaders.FormatStatus(status));
            if (message.Length > 0)
            {
                response.AppendTrailer(GrpcHeaders.Message, GrpcHeaders.EncodeMessage(message));
            }

            return;
        }

        response.ContentType = GrpcHeaders.ContentType;
        response.Headers[GrpcHeaders.Status] = GrpcHeaders.FormatStatus(status);
        if (message.Length > 0)
        {
            response.Headers[GrpcHeaders.Message] = GrpcHeaders.EncodeMessage(message);
        }
    }

    private async ValueTask Written(ValueTask write, CancellationToken cancellation)
    {
        try
        {
            await write;
        }
        catch (TimeoutException failure)
        {
            Reset(TransportFailure.EnhanceYourCalm);
            throw new GrpcException(
                GrpcStatus.ResourceExhausted, $"The client has not read a message within {limits.WriteTimeout.TotalSeconds} s.", failure);
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            Reset(TransportFailure.Cancel);
            cancellation.ThrowIfCancellationRequested();
            throw ClientHasLeft(failure);
        }
    }

    private void Reset(int errorCode)
    {
        if (context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(errorCode);
        }
        else
        {
            context.Abort();
        }
    }
}
