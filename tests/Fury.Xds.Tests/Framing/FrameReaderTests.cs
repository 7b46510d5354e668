using System.Buffers;
using System.IO.Pipelines;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fury.Testing;
using Fury.Xds.Framing;
using Google.Protobuf;
using Pipe = System.IO.Pipelines.Pipe;

namespace Fury.Xds.Tests.Framing;

public sealed class FrameReaderTests
{
    private const int BytesMax = 1000;

    private static readonly DiscoveryRequest Request = new() { TypeUrl = TypeUrls.Cluster, ResourceNames = { "blue", "green" } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Messages_are_read_wherever_the_bytes_were_split(int segmentBytes)
    {
        byte[] bytes = [.. Frames.Of(Request), .. Frames.Of(new DiscoveryRequest()), .. Frames.Of(Request)];
        var reader = new FrameReader(PipeReader.Create(Frames.Split(bytes, segmentBytes)), BytesMax);

        Assert.Equal(Request, await reader.Read<DiscoveryRequest>(CancellationToken.None));
        Assert.Equal(new DiscoveryRequest(), await reader.Read<DiscoveryRequest>(CancellationToken.None));
        Assert.Equal(Request, await reader.Read<DiscoveryRequest>(CancellationToken.None));
        Assert.Null(await reader.Read<DiscoveryRequest>(CancellationToken.None));
        Assert.Null(await reader.Read<DiscoveryRequest>(CancellationToken.None));
    }

    [Fact]
    public async Task A_message_that_comes_in_two_halves_is_waited_for()
    {
        var pipe = new Pipe();
        var reader = new FrameReader(pipe.Reader, BytesMax);
        var bytes = Frames.Of(Request);
        await pipe.Writer.WriteAsync(bytes.AsMemory(0, 9));

        var reading = reader.Read<DiscoveryRequest>(CancellationToken.None).AsTask();
        Assert.False(reading.IsCompleted);
        await pipe.Writer.WriteAsync(bytes.AsMemory(9));

        Assert.Equal(Request, await reading);
    }

    [Fact]
    public async Task The_largest_message_is_read_and_one_byte_more_is_not()
    {
        var largest = new Locality { Region = new string('x', BytesMax - 3) };
        Assert.Equal(BytesMax, largest.CalculateSize());
        Assert.Equal(largest, await Read<Locality>(Frames.Of(largest)));

        await AssertRefused(GrpcStatus.ResourceExhausted, Frames.Of(new Locality { Region = largest.Region + "x" }));
    }

    [Theory]
    [InlineData(1_001u)]
    [InlineData(100_000_000u)]
    [InlineData(uint.MaxValue)]
    public async Task A_length_that_is_too_large_is_refused_before_the_message_has_come(uint length)
    {
        var failure = await AssertRefused(GrpcStatus.ResourceExhausted, Frames.Header(length), ended: false);

        Assert.Contains($"{length} bytes", failure.Message);
    }

    [Fact]
    public async Task A_compressed_message_is_refused() =>
        await AssertRefused(GrpcStatus.Unimplemented, [1, .. Frames.Of(Request)[1..]], ended: false);

    [Fact]
    public async Task Bytes_that_are_no_message_are_refused_with_its_name() =>
        Assert.Contains(
            "envoy.config.core.v3.Locality", (await AssertRefused(GrpcStatus.InvalidArgument, [.. Frames.Header(2), 0x0A, 0x05])).Message);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task A_stream_that_ends_in_the_middle_of_a_message_is_refused(int bytes) =>
        await AssertRefused(GrpcStatus.InvalidArgument, Frames.Of(Request)[..bytes]);

    [Fact]
    public async Task Fields_that_are_not_known_are_not_kept()
    {
        // Field 2000, a string, as an Envoy's extensions are: one in the message, one in a message within it.
        byte[] unknown = [0x82, 0x7D, 1, (byte)'x'];
        byte[] node = [.. new Node { Id = "n" }.ToByteArray(), .. unknown];
        byte[] bytes = [0x12, (byte)node.Length, .. node, .. unknown];

        var request = await Read<DiscoveryRequest>([.. Frames.Header((uint)bytes.Length), .. bytes]);

        Assert.Equal(new DiscoveryRequest { Node = new Node { Id = "n" } }.ToByteArray(), request!.ToByteArray());
        Assert.NotEqual(request.ToByteArray(), DiscoveryRequest.Parser.ParseFrom(bytes).ToByteArray());
    }

    private static ValueTask<T?> Read<T>(byte[] bytes)
        where T : class, IMessage<T>, new() =>
        new FrameReader(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), BytesMax).Read<T>(CancellationToken.None);

    /// <param name="ended">Whether the stream has ended after the bytes; if not, a reader that wants more of them waits for ever.</param>
    private static async Task<GrpcException> AssertRefused(GrpcStatus status, byte[] bytes, bool ended = true)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(bytes);
        if (ended)
        {
            await pipe.Writer.CompleteAsync();
        }

        var reading = new FrameReader(pipe.Reader, BytesMax).Read<Locality>(CancellationToken.None).AsTask();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => reading.WaitAsync(Eventually.Deadline));
        Assert.Equal(status, failure.Status);
        return failure;
    }
}
