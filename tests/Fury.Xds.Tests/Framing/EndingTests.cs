using System.Net;
using Envoy.Service.Discovery.V3;
using Fury.Testing;
using Fury.Xds.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fury.Xds.Tests.Framing;

/// <summary>Every way in which a call ends, as the other side is told of it.</summary>
public sealed class EndingTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(GrpcStatus.Unavailable, "100 % naïve ✓ \"a/b\"")]
    [InlineData(GrpcStatus.PermissionDenied, "two\r\nlines")]
    [InlineData(GrpcStatus.Internal, "")]
    public async Task A_status_arrives_after_messages_and_alone(GrpcStatus status, string message)
    {
        await using var server = await GrpcServer.StartRaw(async context =>
        {
            var stream = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
            if (context.Request.Path == GrpcServer.Path)
            {
                await stream.Begin();
                await stream.Write(new DiscoveryResponse { Nonce = "n" }, None);
            }

            await stream.Finish(status, message);
        });
        await using var begun = server.Open();
        await using var refused = GrpcClientStream.Open(server.Http, server.Address, "/refused", GrpcLimits.Default, TimeProvider.System);

        Assert.Equal("n", (await begun.Read<DiscoveryResponse>(None))?.Nonce);
        foreach (var stream in new[] { begun, refused })
        {
            var failure = await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask());
            Assert.Equal((status, message), (failure.Status, failure.Message));
        }
    }

    [Fact]
    public async Task A_refusal_before_the_beginning_is_in_the_headers_and_one_after_it_in_the_trailers()
    {
        await using var server = await GrpcServer.StartRaw(async context =>
        {
            var stream = new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System);
            var begin = (await stream.Read<DiscoveryRequest>(None))!.ResponseNonce == "begin" && await stream.Begin();
            Assert.Equal(begin, context.Response.HasStarted);
            await stream.Finish(GrpcStatus.ResourceExhausted, "too many");
        });

        using var alone = await RawCall.Send(server, Frames.Of(new DiscoveryRequest()));
        using var after = await RawCall.Send(server, Frames.Of(new DiscoveryRequest { ResponseNonce = "begin" }));

        Assert.Equal((HttpStatusCode.OK, "8", "too many"), (alone.StatusCode, alone.Header("grpc-status"), alone.Header("grpc-message")));
        Assert.Equal("application/grpc", alone.Content.Headers.ContentType?.ToString());
        Assert.Empty(alone.TrailingHeaders);
        Assert.Equal((HttpStatusCode.OK, null, "8"), (after.StatusCode, after.Header("grpc-status"), after.Trailer("grpc-status")));
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc-web", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    public async Task What_is_no_grpc_is_refused_by_http(string contentType, HttpStatusCode status)
    {
        await using var server = await GrpcServer.Start((stream, _) => stream.Finish(GrpcStatus.Ok).AsTask());
        using var request = RawCall.Request(server, new ByteArrayContent([]), contentType);
        using var response = await server.Http.SendAsync(request, None);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_request_over_http_1_is_refused()
    {
        await using var server = await GrpcServer.StartRaw(
            async context => Assert.False(await new GrpcServerStream(context, GrpcLimits.Default, TimeProvider.System).Begin()), HttpProtocols.Http1);
        using var request = RawCall.Request(server, new ByteArrayContent([]));
        request.Version = HttpVersion.Version11;
        using var response = await server.Http.SendAsync(request, None);

        Assert.Equal(HttpStatusCode.HttpVersionNotSupported, response.StatusCode);
    }

    [Theory]
    [InlineData(StatusCodes.Status404NotFound, GrpcStatus.Unimplemented)]
    [InlineData(StatusCodes.Status503ServiceUnavailable, GrpcStatus.Unavailable)]
    [InlineData(StatusCodes.Status403Forbidden, GrpcStatus.PermissionDenied)]
    [InlineData(StatusCodes.Status200OK, GrpcStatus.Unknown)]
    public async Task An_answer_that_is_no_grpc_has_a_status_all_the_same(int http, GrpcStatus status)
    {
        await using var server = await GrpcServer.StartRaw(context =>
        {
            context.Response.StatusCode = http;
            return context.Response.WriteAsync("hello");
        });
        await using var stream = server.Open();

        Assert.Equal(status, (await AssertReadFails(stream)).Status);
    }

    [Fact]
    public async Task A_server_that_ends_without_a_status_is_at_fault()
    {
        await using var server = await GrpcServer.Start((_, _) => Task.CompletedTask);
        await using var stream = server.Open();

        Assert.Equal(GrpcStatus.Internal, (await AssertReadFails(stream)).Status);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        var server = await GrpcServer.Start((_, _) => Task.CompletedTask);
        var address = server.Address;
        await server.DisposeAsync();
        using var http = new HttpMessageInvoker(GrpcTransport.CreateHandler());
        await using var stream = GrpcClientStream.Open(http, address, GrpcServer.Path, GrpcLimits.Default, TimeProvider.System);

        Assert.Equal(GrpcStatus.Unavailable, (await AssertReadFails(stream)).Status);
        await AssertWritesFail(stream);
    }

    [Fact]
    public async Task A_server_that_dies_is_unavailable_and_writes_do_not_wait_for_it()
    {
        await using var server = await GrpcServer.Start(async (stream, context) =>
        {
            await stream.Write(new DiscoveryResponse { Nonce = "n" }, None);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var stream = server.Open();
        Assert.NotNull(await stream.Read<DiscoveryResponse>(None));

        var reading = AssertReadFails(stream);
        await server.Stop();

        Assert.Equal(GrpcStatus.Unavailable, (await reading).Status);
        await AssertWritesFail(stream);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_reading_of_the_server()
    {
        var seen = new TaskCompletionSource<GrpcException>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcServer.Start(async (stream, _) =>
        {
            await stream.Write(new DiscoveryResponse(), None);
            seen.SetResult(await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryRequest>(None).AsTask()));
            var failure = await Assert.ThrowsAsync<GrpcException>(() => stream.Write(new DiscoveryResponse(), None).AsTask());
            Assert.Equal(GrpcStatus.Cancelled, failure.Status);
            await stream.Finish(GrpcStatus.Ok);
        });
        var stream = server.Open();
        Assert.NotNull(await stream.Read<DiscoveryResponse>(None));

        await stream.DisposeAsync();

        Assert.Equal(GrpcStatus.Cancelled, (await seen.Task.WaitAsync(Eventually.Deadline)).Status);
    }

    [Fact]
    public async Task A_server_may_end_the_call_while_the_client_still_wants_to_write()
    {
        await using var server = await GrpcServer.Start(async (stream, _) =>
        {
            await stream.Read<DiscoveryRequest>(None);
            await stream.Finish(GrpcStatus.Unavailable, "going away");
        });
        await using var stream = server.Open();
        await stream.Write(new DiscoveryRequest(), None);

        var failure = await AssertReadFails(stream);

        Assert.Equal((GrpcStatus.Unavailable, "going away"), (failure.Status, failure.Message));
        await AssertWritesFail(stream);
    }

    [Fact]
    public async Task A_read_can_be_cancelled_on_both_sides()
    {
        using var cancelled = new CancellationTokenSource();
        var atServer = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcServer.Start(async (stream, _) =>
        {
            atServer.SetResult(await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.Read<DiscoveryRequest>(cancelled.Token).AsTask()));
            await stream.Finish(GrpcStatus.Ok);
        });
        await using var stream = server.Open();
        var reading = stream.Read<DiscoveryResponse>(cancelled.Token).AsTask();

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Eventually.Deadline));
        await atServer.Task.WaitAsync(Eventually.Deadline);
    }

    private static Task<GrpcException> AssertReadFails(GrpcClientStream stream) =>
        Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask().WaitAsync(Eventually.Deadline));

    /// <summary>Soon, if not at once: who writes does not know yet what who reads has learnt.</summary>
    private static Task AssertWritesFail(GrpcClientStream stream) => Eventually.True(async () =>
    {
        try
        {
            await stream.Write(new DiscoveryRequest(), None);
            return false;
        }
        catch (GrpcException failure)
        {
            Assert.Equal(GrpcStatus.Cancelled, failure.Status);
            return true;
        }
    });
}
