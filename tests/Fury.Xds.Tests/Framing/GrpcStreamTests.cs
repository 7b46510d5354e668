using Envoy.Service.Discovery.V3;
using Fury.Testing;
using Fury.Xds.Framing;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fury.Xds.Tests.Framing;

public sealed class GrpcStreamTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Messages_go_both_ways_in_their_order()
    {
        const int count = 1000;
        await using var server = await GrpcServer.Start(Echo);
        await using var stream = server.Open();

        var writing = Task.Run(async () =>
        {
            for (var index = 0; index < count; index++)
            {
                await stream.Write(new DiscoveryRequest { ResponseNonce = $"{index}" }, None);
            }

            await stream.Complete();
        });
        for (var index = 0; index < count; index++)
        {
            Assert.Equal($"{index}", (await stream.Read<DiscoveryResponse>(None))?.Nonce);
        }

        await writing;
        Assert.Null(await stream.Read<DiscoveryResponse>(None));
    }

    [Fact]
    public async Task The_server_may_speak_first()
    {
        // Whatever else is sent on a connection takes held headers along: its beginning, so there is a second call, and pings.
        var handler = GrpcTransport.CreateHandler();
        handler.KeepAlivePingDelay = Timeout.InfiniteTimeSpan;
        await using var server = await GrpcServer.StartRaw(
            async context =>
            {
                var stream = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
                await stream.Begin();
                await stream.Write(new DiscoveryResponse { Nonce = "first" }, None);
                await Echo(stream, context);
            },
            handler: handler);
        await using var first = server.Open();
        Assert.Equal("first", (await first.Read<DiscoveryResponse>(None))?.Nonce);
        await using var second = server.Open();
        Assert.Equal("first", (await second.Read<DiscoveryResponse>(None).AsTask().WaitAsync(Eventually.Deadline))?.Nonce);

        await second.Write(new DiscoveryRequest { ResponseNonce = "second" }, None);
        Assert.Equal("second", (await second.Read<DiscoveryResponse>(None))?.Nonce);
    }

    [Fact]
    public async Task The_headers_of_the_answer_come_before_anything_is_said()
    {
        var ended = new TaskCompletionSource();
        await using var server = await GrpcServer.Start((_, _) => ended.Task);
        using var request = RawCall.Request(server, new ByteArrayContent([]));

        using var response = await server.Http.SendAsync(request, None).WaitAsync(Eventually.Deadline);

        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.ToString());
        Assert.False(ended.Task.IsCompleted);
        ended.SetResult();
    }

    [Fact]
    public async Task An_idle_stream_outlives_an_upload_that_is_too_slow()
    {
        await using var server = await GrpcServer.StartRaw(
            async context =>
            {
                if (context.Request.Path == "/upload")
                {
                    await context.Request.Body.CopyToAsync(Stream.Null);
                    return;
                }

                var stream = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
                await stream.Begin();
                await Echo(stream, context);
            },
            kestrel: limits => limits.MinRequestBodyDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(1.1)));
        await using var idle = server.Open();
        await idle.Write(new DiscoveryRequest { ResponseNonce = "before" }, None);
        Assert.Equal("before", (await idle.Read<DiscoveryResponse>(None))?.Nonce);

        // The same silence, on a connection of its own: Kestrel ends all of it.
        using var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
        await using var upload = GrpcClientStream.Open(http, server.Address, "/upload", GrpcLimits.Default, TimeProvider.System);
        await Assert.ThrowsAsync<GrpcException>(() => upload.Read<DiscoveryResponse>(None).AsTask().WaitAsync(Eventually.Deadline));

        await idle.Write(new DiscoveryRequest { ResponseNonce = "after" }, None);
        Assert.Equal("after", (await idle.Read<DiscoveryResponse>(None))?.Nonce);
    }

    [Fact]
    public async Task More_passes_over_the_life_of_a_stream_than_one_upload_may_have()
    {
        const int count = 35;
        await using var server = await GrpcServer.Start(async (stream, _) =>
        {
            var bytes = 0L;
            while (await stream.Read<DiscoveryRequest>(None) is { } request)
            {
                bytes += request.CalculateSize();
            }

            await stream.Finish(GrpcStatus.Aborted, $"{bytes}");
        });
        await using var stream = server.Open();
        var large = new DiscoveryRequest { ResourceNames = { new string('x', 1024 * 1024) } };

        for (var index = 0; index < count; index++)
        {
            await stream.Write(large, None);
        }

        await stream.Complete();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask());
        Assert.Equal($"{count * large.CalculateSize()}", failure.Message);
        Assert.True(count * large.CalculateSize() > 30_000_000);
    }

    [Fact]
    public async Task A_response_of_many_shared_pieces_arrives_as_one_message()
    {
        var piece = new DiscoveryResponse { Resources = { Google.Protobuf.WellKnownTypes.Any.Pack(new DiscoveryRequest { TypeUrl = new string('x', 1000) }) } }
            .ToByteArray();
        await using var server = await GrpcServer.Start(async (stream, _) =>
        {
            await stream.Write([new DiscoveryResponse { Nonce = "n" }.ToByteArray(), .. Enumerable.Repeat<ReadOnlyMemory<byte>>(piece, 2000)], None);
            await stream.Finish(GrpcStatus.Ok);
        });
        await using var stream = server.Open();

        var response = await stream.Read<DiscoveryResponse>(None);

        Assert.Equal(("n", 2000), (response?.Nonce, response?.Resources.Count));
        Assert.Null(await stream.Read<DiscoveryResponse>(None));
    }

    [Fact]
    public async Task Streams_of_a_client_share_one_connection()
    {
        var connections = new HashSet<string>();
        await using var server = await GrpcServer.Start(async (stream, context) =>
        {
            lock (connections)
            {
                connections.Add(context.Connection.Id);
            }

            await Echo(stream, context);
        });
        var streams = Enumerable.Range(0, 50).Select(_ => server.Open()).ToList();

        foreach (var stream in streams)
        {
            await stream.Write(new DiscoveryRequest { ResponseNonce = "here" }, None);
            Assert.Equal("here", (await stream.Read<DiscoveryResponse>(None))?.Nonce);
        }

        Assert.Single(connections);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Answers each message with its nonce, and ends when the client does.</summary>
    private static async Task Echo(GrpcServerStream stream, object context)
    {
        try
        {
            while (await stream.Read<DiscoveryRequest>(None) is { } request)
            {
                await stream.Write(new DiscoveryResponse { Nonce = request.ResponseNonce }, None);
            }

            await stream.Finish(GrpcStatus.Ok);
        }
        catch (GrpcException failure) when (failure.Status == GrpcStatus.Cancelled)
        {
            // A test that does not end its stream.
        }
    }
}
