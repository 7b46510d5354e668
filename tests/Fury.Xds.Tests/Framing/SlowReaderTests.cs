using System.Diagnostics;
using Envoy.Service.Discovery.V3;
using Fury.LittleMonster.Testing;
using Fury.Testing;
using Fury.Xds.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Xds.Tests.Framing;

public sealed class SlowReaderTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly GrpcLimits Impatient = new() { WriteTimeout = TimeSpan.FromMilliseconds(200), ReadBytesMax = int.MaxValue };
    private static readonly GrpcLimits Patient = Impatient with { WriteTimeout = TimeSpan.FromHours(1) };
    private static readonly byte[] Large = new byte[1024 * 1024];

    [Fact]
    public async Task A_client_that_does_not_read_loses_its_stream_and_the_server_its_patience_only()
    {
        var (reads, writes) = (Promise<GrpcException>(), Promise<GrpcException>());
        await using var server = await GrpcServer.Start(
            async (stream, _) =>
            {
                var reading = Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryRequest>(None).AsTask());
                writes.SetResult(await Assert.ThrowsAsync<GrpcException>(() => WriteForEver(message => stream.Write(message, None))));
                reads.SetResult(await reading);
                await stream.Finish(GrpcStatus.Ok);
            },
            Impatient);
        await using var stream = server.Open(Impatient);

        // Nobody reads the client's side until the server has given up.
        var written = await writes.Task.WaitAsync(Eventually.Deadline);
        var read = await reads.Task.WaitAsync(Eventually.Deadline);

        Assert.Equal(GrpcStatus.ResourceExhausted, written.Status);
        Assert.Equal(GrpcStatus.Cancelled, read.Status);
        var told = await Assert.ThrowsAsync<GrpcException>(() => ReadForEver(stream).WaitAsync(Eventually.Deadline));
        Assert.Equal(GrpcStatus.ResourceExhausted, told.Status);
    }

    [Fact]
    public async Task Another_stream_of_the_same_connection_goes_on()
    {
        var given = Promise<GrpcException>();
        await using var server = await GrpcServer.Start(
            async (stream, _) =>
            {
                if ((await stream.Read<DiscoveryRequest>(None))!.ResponseNonce == "slow")
                {
                    given.SetResult(await Assert.ThrowsAsync<GrpcException>(() => WriteForEver(message => stream.Write(message, None))));
                    return;
                }

                await stream.Write(new DiscoveryResponse { Nonce = "before" }, None);
                await given.Task;
                await stream.Write(new DiscoveryResponse { Nonce = "after" }, None);
                await stream.Finish(GrpcStatus.Ok);
            },
            Impatient);
        await using var other = server.Open();
        await other.Write(new DiscoveryRequest { ResponseNonce = "other" }, None);
        Assert.Equal("before", (await other.Read<DiscoveryResponse>(None))?.Nonce);
        await using var slow = server.Open();
        await slow.Write(new DiscoveryRequest { ResponseNonce = "slow" }, None);

        Assert.Equal("after", (await other.Read<DiscoveryResponse>(None).AsTask().WaitAsync(Eventually.Deadline))?.Nonce);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_is_waited_for_is_waited_for_no_longer()
    {
        var given = Promise<GrpcException>();
        await using var server = await GrpcServer.Start(
            async (stream, _) => given.SetResult(
                await Assert.ThrowsAsync<GrpcException>(() => WriteForEver(message => stream.Write(message, None)))),
            Patient);
        var stream = server.Open(Patient);
        await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask());

        await stream.DisposeAsync();

        Assert.Equal(GrpcStatus.Cancelled, (await given.Task.WaitAsync(Eventually.Deadline)).Status);
    }

    [Fact]
    public async Task The_end_of_a_stream_is_not_waited_for_longer_either()
    {
        var context = new DefaultHttpContext();
        var connection = new StuckConnection();
        context.Features.Set<IHttpResponseBodyFeature>(connection);
        context.Features.Set<IHttpResetFeature>(connection);
        var clock = new TestClock();

        var finishing = new GrpcServerStream(context, Impatient, clock).Finish(GrpcStatus.Ok).AsTask();
        clock.Advance(Impatient.WriteTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(finishing.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        await finishing.WaitAsync(Eventually.Deadline);
        Assert.Equal(0xb, connection.ResetCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_does_not_read_is_given_up_in_time_or_when_the_caller_says_so(bool inTime)
    {
        var (begun, left) = (Promise<bool>(), Promise<bool>());
        await using var server = await GrpcServer.Start(async (stream, context) =>
        {
            begun.SetResult(true);
            context.RequestAborted.Register(() => left.SetResult(true));
            await left.Task;
        });
        await using var stream = server.Open(inTime ? Impatient : Patient);
        using var cancelled = new CancellationTokenSource();

        var writing = WriteForEver(message => stream.Write(message, cancelled.Token));
        await begun.Task.WaitAsync(Eventually.Deadline);
        if (inTime)
        {
            Assert.Equal(GrpcStatus.DeadlineExceeded, (await Assert.ThrowsAsync<GrpcException>(() => writing)).Status);
        }
        else
        {
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        }

        await left.Task.WaitAsync(Eventually.Deadline);
        Assert.Equal(
            GrpcStatus.Cancelled, (await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask())).Status);
    }

    [Fact]
    public async Task A_write_of_the_server_that_is_cancelled_ends_the_stream()
    {
        using var cancelled = new CancellationTokenSource();
        await using var server = await GrpcServer.Start(
            (stream, _) => Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteForEver(message => stream.Write(message, cancelled.Token))),
            Patient);
        await using var stream = server.Open(Patient);
        await Assert.ThrowsAsync<GrpcException>(() => stream.Read<DiscoveryResponse>(None).AsTask());

        await cancelled.CancelAsync();

        var told = await Assert.ThrowsAsync<GrpcException>(() => ReadForEver(stream).WaitAsync(Eventually.Deadline));
        Assert.Equal(GrpcStatus.Cancelled, told.Status);
    }

    private static async Task WriteForEver(Func<IReadOnlyList<ReadOnlyMemory<byte>>, ValueTask> write)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Eventually.Deadline;)
        {
            await write([Large]);
        }
    }

    private static async Task ReadForEver(GrpcClientStream stream)
    {
        while (true)
        {
            try
            {
                await stream.Read<DiscoveryResponse>(None);
            }
            catch (GrpcException failure) when (failure.Status == GrpcStatus.InvalidArgument)
            {
                // Zeros are no message.
            }
        }
    }

    /// <summary>A client whose side takes no more bytes, not even the last ones.</summary>
    private sealed class StuckConnection() : StreamResponseBodyFeature(Stream.Null), IHttpResponseBodyFeature, IHttpResetFeature
    {
        public int? ResetCode { get; private set; }

        public void Reset(int errorCode) => ResetCode = errorCode;

        public override Task CompleteAsync() => new TaskCompletionSource().Task;
    }

    private static TaskCompletionSource<T> Promise<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
