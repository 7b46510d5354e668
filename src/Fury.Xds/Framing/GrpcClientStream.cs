using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Fury.Xds.Framing;

/// <summary>
/// The client's side of one gRPC call over HTTP/2, open in both directions. One read and one write may wait at the same time, not two of a
/// kind. Why a stream has ended is told by <see cref="Read"/>. Disposing gives a call up that has not ended.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of messages, as gRPC and xDS call it.")]
public sealed class GrpcClientStream : IAsyncDisposable
{
    private readonly Pipe _request = new();

    // Never disposed of: it has no timer, and a write may still look at it.
    private readonly CancellationTokenSource _gone = new();
    private readonly GrpcLimits _limits;
    private readonly FrameWriter _writer;
    private readonly Task<HttpResponseMessage> _response;
    private FrameReader? _reader;
    private volatile bool _givenUp;

    private GrpcClientStream(HttpMessageInvoker http, HttpRequestMessage request, GrpcLimits limits, TimeProvider clock)
    {
        request.Content = new DuplexContent(_request.Reader, _gone.Token);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
        _limits = limits;
        _writer = new FrameWriter(_request.Writer, limits.WriteTimeout, clock, _gone.Token);
        _response = Send(http, request);
    }

    /// <summary>Starts the call; it does not wait for the server, which need not answer before it has something to say.</summary>
    /// <param name="http">On a handler of <see cref="GrpcTransport"/>. An HttpClient's timeout would count until the headers of the answer come.</param>
    /// <param name="server"><c>http://</c> for HTTP/2 without TLS, by prior knowledge.</param>
    /// <param name="path">Of the method, see <see cref="XdsMethods"/>.</param>
    public static GrpcClientStream Open(HttpMessageInvoker http, Uri server, string path, GrpcLimits limits, TimeProvider clock)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return new GrpcClientStream(http, request, limits, clock);
    }

    /// <summary>The next message, or null when the server has ended the call with OK. Fields that are not known are not kept.</summary>
    /// <exception cref="GrpcException">
    /// The server's status when it is another one. <see cref="GrpcStatus.Unavailable"/> when it cannot be reached any more. For what its bytes
    /// deserve, as on the server's side.
    /// </exception>
    public async ValueTask<T?> Read<T>(CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        try
        {
            var response = await _response.WaitAsync(cancellation);
            if (IsOver(response.Headers))
            {
                return null;
            }

            _reader ??= await ReaderOf(response, cancellation);
            if (await _reader.Read<T>(cancellation) is { } message)
            {
                return message;
            }

            return IsOver(response.TrailingHeaders)
                ? null
                : throw new GrpcException(GrpcStatus.Internal, "The server has ended the stream without a status.");
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            throw _givenUp ? new GrpcException(GrpcStatus.Cancelled, "The stream was given up.", failure) : TransportFailure.Of(failure);
        }
    }

    /// <exception cref="GrpcException">As for parts.</exception>
    public ValueTask Write(IMessage message, CancellationToken cancellation) => Written(_writer.Write(message, cancellation), cancellation);

    /// <summary>One message, given as pieces of its serialised form, in their order. A write that is cancelled ends the stream.</summary>
    /// <exception cref="GrpcException">
    /// <see cref="GrpcStatus.Cancelled"/>: the stream has ended; a read tells why. <see cref="GrpcStatus.DeadlineExceeded"/>: the server has not
    /// read in time, and the stream is given up.
    /// </exception>
    public ValueTask Write(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation) =>
        Written(_writer.Write(parts, cancellation), cancellation);

    /// <summary>No more will be written; the server may still speak.</summary>
    public ValueTask Complete() => _request.Writer.CompleteAsync();

    public async ValueTask DisposeAsync()
    {
        await GiveUp();
        try
        {
            (await _response).Dispose();
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            // It has told whoever has read; nobody else waits for it.
        }

        await _request.Writer.CompleteAsync();
    }

    /// <summary>Throws when there is a status that is not OK.</summary>
    private static bool IsOver(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues(GrpcHeaders.Status, out var values))
        {
            return false;
        }

        var status = GrpcHeaders.ParseStatus(values.First());
        if (status == GrpcStatus.Ok)
        {
            return true;
        }

        var message = headers.TryGetValues(GrpcHeaders.Message, out var messages) ? GrpcHeaders.DecodeMessage(messages.First()) : "";
        throw new GrpcException(status, message);
    }

    private async Task<HttpResponseMessage> Send(HttpMessageInvoker http, HttpRequestMessage request)
    {
        try
        {
            return await http.SendAsync(request, _gone.Token);
        }
        catch
        {
            await _gone.CancelAsync();
            throw;
        }
    }

    private Task GiveUp()
    {
        _givenUp = true;
        return _gone.CancelAsync();
    }

    private async Task<FrameReader> ReaderOf(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new GrpcException(OfHttp(response.StatusCode), $"The server has answered with HTTP status {(int)response.StatusCode}.");
        }

        var type = response.Content.Headers.ContentType?.ToString();
        if (!GrpcHeaders.IsGrpc(type))
        {
            throw new GrpcException(GrpcStatus.Unknown, $"The server has answered with content of type '{type}'.");
        }

        // A stream that is idle holds no buffer.
        var content = await response.Content.ReadAsStreamAsync(cancellation);
        return new FrameReader(PipeReader.Create(content, new StreamPipeReaderOptions(useZeroByteReads: true)), _limits.ReadBytesMax);
    }

    // https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
    private static GrpcStatus OfHttp(HttpStatusCode status) => (int)status switch
    {
        400 => GrpcStatus.Internal,
        401 => GrpcStatus.Unauthenticated,
        403 => GrpcStatus.PermissionDenied,
        404 => GrpcStatus.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatus.Unavailable,
        _ => GrpcStatus.Unknown,
    };

    private async ValueTask Written(ValueTask write, CancellationToken cancellation)
    {
        try
        {
            await write;
        }
        catch (TimeoutException failure)
        {
            await GiveUp();
            throw new GrpcException(
                GrpcStatus.DeadlineExceeded, $"The server has not read a message within {_limits.WriteTimeout.TotalSeconds} s.", failure);
        }
        catch (Exception failure) when (TransportFailure.Is(failure))
        {
            if (cancellation.IsCancellationRequested)
            {
                await GiveUp();
            }

            cancellation.ThrowIfCancellationRequested();
            throw new GrpcException(GrpcStatus.Cancelled, "The stream has ended.", failure);
        }
    }
}
