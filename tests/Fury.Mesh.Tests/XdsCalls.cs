using System.Net;
using System.Net.Http.Headers;
using Envoy.Service.Discovery.V3;
using Fury.Xds;
using Fury.Xds.Framing;
using Google.Protobuf;

namespace Fury.Mesh.Tests;

/// <summary>Streams of a client that a test leads by hand, and calls whose bytes are no gRPC.</summary>
internal sealed class XdsCalls(Uri server) : IAsyncDisposable
{
    private readonly SocketsHttpHandler _handler = GrpcTransport.CreateHandler();
    private readonly List<GrpcClientStream> _open = [];

    public GrpcClientStream Open(string path = XdsMethods.DeltaAggregatedResources)
    {
        var stream = GrpcClientStream.Open(
            new HttpMessageInvoker(_handler, disposeHandler: false), server, path, GrpcLimits.Default, TimeProvider.System);
        lock (_open)
        {
            _open.Add(stream);
        }

        return stream;
    }

    /// <summary>How a stream ends that begins with this; null when it is answered.</summary>
    public async Task<GrpcException?> Ask(IMessage first, string path = XdsMethods.DeltaAggregatedResources)
    {
        var stream = Open(path);
        try
        {
            await stream.Write(first, default);
        }
        catch (GrpcException)
        {
            // The read tells why.
        }

        return await End(() => stream.Read<DeltaDiscoveryResponse>(default));
    }

    /// <summary>How the server ends a call with these bytes as its body.</summary>
    public async Task<GrpcStatus> Post(string path, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        using var response = await http.SendAsync(request, default);
        await response.Content.ReadAsByteArrayAsync();
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var values) ? values : response.Headers.GetValues("grpc-status");
        return (GrpcStatus)int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public static async Task<GrpcException?> End<T>(Func<ValueTask<T>> read)
    {
        try
        {
            await read();
            return null;
        }
        catch (GrpcException end)
        {
            return end;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _open)
        {
            await stream.DisposeAsync();
        }

        _handler.Dispose();
    }
}
