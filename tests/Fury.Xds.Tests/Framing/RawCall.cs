using System.Net;
using System.Net.Http.Headers;
using Fury.Testing;

namespace Fury.Xds.Tests.Framing;

/// <summary>A call by a client that writes whatever bytes the test wants, and sees the answer as HTTP has it.</summary>
internal static class RawCall
{
    public static HttpRequestMessage Request(GrpcServer server, HttpContent content, string contentType = "application/grpc")
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, GrpcServer.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
    }

    /// <summary>Sends the bytes, and reads the answer to its end.</summary>
    /// <param name="open">Whether the body stays open after the bytes, for as long as the server has not answered.</param>
    public static async Task<HttpResponseMessage> Send(GrpcServer server, byte[] bytes, bool open = false)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        using var request = Request(server, new OpenContent(bytes, open));
        var response = await server.Http.SendAsync(request, deadline.Token);
        await response.Content.ReadAsByteArrayAsync(deadline.Token);
        return response;
    }

    public static string? Trailer(this HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) ? values.Single() : null;

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private sealed class OpenContent(byte[] bytes, bool open) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(bytes, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            if (open)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
