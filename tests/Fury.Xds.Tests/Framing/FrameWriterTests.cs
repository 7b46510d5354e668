using System.IO.Pipelines;
using Envoy.Service.Discovery.V3;
using Fury.LittleMonster.Testing;
using Fury.Testing;
using Fury.Xds.Framing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Xds.Tests.Framing;

public sealed class FrameWriterTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _gone = new();

    [Fact]
    public async Task Pieces_of_a_message_are_one_message()
    {
        var whole = new DiscoveryResponse { VersionInfo = "v", Nonce = "n", TypeUrl = TypeUrls.Cluster, Resources = { Resource("a"), Resource("b") } };
        ReadOnlyMemory<byte>[] pieces =
        [
            new DiscoveryResponse { Resources = { Resource("a") } }.ToByteArray(),
            ReadOnlyMemory<byte>.Empty,
            new DiscoveryResponse { Resources = { Resource("b") } }.ToByteArray(),
            new DiscoveryResponse { VersionInfo = "v", Nonce = "n", TypeUrl = TypeUrls.Cluster }.ToByteArray(),
        ];

        var pipe = new Pipe();
        await Writer(pipe).Write(pieces, CancellationToken.None);

        Assert.Equal(whole, await new FrameReader(pipe.Reader, 1000).Read<DiscoveryResponse>(CancellationToken.None));
    }

    [Fact]
    public async Task What_is_written_is_a_frame()
    {
        var pipe = new Pipe();
        var message = new DiscoveryRequest { ResponseNonce = "n" };
        await Writer(pipe).Write(message, CancellationToken.None);
        await Writer(pipe).Write([message.ToByteArray()], CancellationToken.None);
        await Writer(pipe).Write([], CancellationToken.None);
        await pipe.Writer.CompleteAsync();

        var bytes = new MemoryStream();
        await pipe.Reader.CopyToAsync(bytes);
        Assert.Equal([.. Frames.Of(message), .. Frames.Of(message), 0, 0, 0, 0, 0], bytes.ToArray());
    }

    [Fact]
    public async Task A_large_message_is_not_put_into_the_pipe_before_it_is_read()
    {
        var pipe = new Pipe();
        ReadOnlyMemory<byte> piece = new byte[1024 * 1024];

        var writing = Writer(pipe).Write([piece, piece], CancellationToken.None).AsTask();
        var first = await pipe.Reader.ReadAsync();

        Assert.InRange(first.Buffer.Length, 1, 2 * FrameWriter.FlushBytes);
        Assert.False(writing.IsCompleted);
        var read = first.Buffer.Length;
        pipe.Reader.AdvanceTo(first.Buffer.End);
        for (; read < FrameReader.HeaderBytes + 2 * piece.Length;)
        {
            var next = await pipe.Reader.ReadAsync();
            read += next.Buffer.Length;
            pipe.Reader.AdvanceTo(next.Buffer.End);
        }

        await writing;
        Assert.Equal(FrameReader.HeaderBytes + 2 * piece.Length, read);
    }

    [Fact]
    public async Task A_reader_that_has_stopped_is_waited_for_no_longer_than_the_timeout()
    {
        var writing = Writer(new Pipe()).Write([new byte[1024 * 1024]], CancellationToken.None).AsTask();

        await Eventually.True(() => _clock.TimersWaiting == 1);
        _clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(writing.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task The_timeout_is_for_the_whole_message()
    {
        var pipe = new Pipe();
        var writing = Writer(pipe).Write([new byte[1024 * 1024]], CancellationToken.None).AsTask();

        await Eventually.True(() => _clock.TimersWaiting == 1);
        _clock.Advance(Timeout * 0.6);
        var first = await pipe.Reader.ReadAsync();
        pipe.Reader.AdvanceTo(first.Buffer.End);
        // When the next bytes are there, the waiting for the first has ended, and with it its timer.
        var second = await pipe.Reader.ReadAsync();
        pipe.Reader.AdvanceTo(second.Buffer.Start);
        await Eventually.True(() => _clock.TimersWaiting == 1);
        _clock.Advance(Timeout * 0.6);

        await Assert.ThrowsAsync<TimeoutException>(() => writing.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task A_reader_that_is_gone_is_not_waited_for()
    {
        var pipe = new Pipe();
        var writing = Writer(pipe).Write([new byte[1024 * 1024]], CancellationToken.None).AsTask();
        await Eventually.True(() => _clock.TimersWaiting == 1);

        await _gone.CancelAsync();

        await Assert.ThrowsAsync<IOException>(() => writing.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task Nothing_is_written_for_a_reader_that_has_ended()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(() => Writer(pipe).Write(new DiscoveryRequest(), CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_write_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var writing = Writer(new Pipe()).Write([new byte[1024 * 1024]], cancelled.Token).AsTask();
        await Eventually.True(() => _clock.TimersWaiting == 1);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Eventually.Deadline));
    }

    public void Dispose() => _gone.Dispose();

    private FrameWriter Writer(Pipe pipe) => new(pipe.Writer, Timeout, _clock, _gone.Token);

    private static Any Resource(string name) => Any.Pack(new Envoy.Config.Cluster.V3.Cluster { Name = name });
}
