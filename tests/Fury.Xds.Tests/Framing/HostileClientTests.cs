using Envoy.Service.Discovery.V3;
using Fury.Testing;
using Fury.Xds.Framing;

namespace Fury.Xds.Tests.Framing;

/// <summary>What a client can send to a real server, and that it costs the server no more than an answer.</summary>
public sealed class HostileClientTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly byte[] Good = Frames.Of(new DiscoveryRequest { ResponseNonce = "n" });

    public static TheoryData<string, byte[], bool, GrpcStatus> Bytes { get; } = new()
    {
        { "nothing", [], false, GrpcStatus.Ok },
        { "one message", Good, false, GrpcStatus.Ok },
        { "a compressed message", [1, .. Good[1..]], true, GrpcStatus.Unimplemented },
        { "a length of 100 MB and nothing more", Frames.Header(100_000_000), true, GrpcStatus.ResourceExhausted },
        { "a good message, then a length of 4 GB", [.. Good, .. Frames.Header(uint.MaxValue)], true, GrpcStatus.ResourceExhausted },
        { "no protobuf", [.. Frames.Header(3), 0xFF, 0xFF, 0xFF], true, GrpcStatus.InvalidArgument },
        { "a message without its end", Good[..^1], false, GrpcStatus.InvalidArgument },
        { "a header without its end", Good[..3], false, GrpcStatus.InvalidArgument },
    };

    [Theory]
    [MemberData(nameof(Bytes))]
    public async Task Each_kind_of_bytes_has_its_status(string what, byte[] bytes, bool open, GrpcStatus status)
    {
        await using var server = await GrpcServer.Start(ReadAll);

        using var response = await RawCall.Send(server, bytes, open);

        Assert.True(response.Trailer("grpc-status") == $"{(int)status}", $"{what}: {response.TrailingHeaders}");
    }

    [Fact]
    public async Task A_large_message_that_is_refused_is_not_read()
    {
        await using var server = await GrpcServer.Start(ReadAll);
        await using var stream = server.Open();

        var writing = stream.Write([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1_000_000], 100)], None).AsTask();
        var failure = await Assert.ThrowsAsync<GrpcException>(
            () => stream.Read<DiscoveryResponse>(None).AsTask().WaitAsync(Eventually.Deadline));

        Assert.Equal(GrpcStatus.ResourceExhausted, failure.Status);
        // Had anybody taken the bytes, the write would have ended well.
        await Assert.ThrowsAsync<GrpcException>(() => writing.WaitAsync(Eventually.Deadline));
    }

    private static async Task ReadAll(GrpcServerStream stream, object context)
    {
        try
        {
            while (await stream.Read<DiscoveryRequest>(None) is not null)
            {
            }

            await stream.Finish(GrpcStatus.Ok);
        }
        catch (GrpcException failure)
        {
            await stream.Finish(failure.Status, failure.Message);
        }
    }
}
