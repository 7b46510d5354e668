using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Fury.Testing;
using Fury.Xds.Framing;
using Google.Protobuf;

namespace Fury.Mesh.Tests;

/// <summary>The first answer to one request, as the bytes that the server has sent.</summary>
internal static class XdsQuestion
{
    private const int HeaderBytes = 5;

    public static async Task<byte[]> Ask(Uri server, string path, IMessage question)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        using var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new OpenContent(Frame(question.ToByteArray())),
        };
        using var response = await http.SendAsync(request, deadline.Token);
        await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
        var header = new byte[HeaderBytes];
        await body.ReadExactlyAsync(header, deadline.Token);
        var message = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1))];
        await body.ReadExactlyAsync(message, deadline.Token);
        return message;
    }

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[HeaderBytes + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, HeaderBytes);
        return frame;
    }

    /// <summary>A body that does not end by itself: the end of a client's requests is the end of its stream.</summary>
    private sealed class OpenContent : HttpContent
    {
        private readonly byte[] _frame;

        public OpenContent(byte[] frame)
        {
            _frame = frame;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(_frame, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
