using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>An answer that goes on, line by line.</summary>
internal sealed class KubeStream(HttpResponseMessage response, Stream body, CancellationTokenSource lifetime) : IAsyncDisposable
{
    /// <summary>The lines until the answer ends. A cut throws <see cref="IOException"/>, and so does silence of <paramref name="silenceMax"/>.</summary>
    /// <param name="longest">A longer line throws <see cref="InvalidDataException"/>, or, with <paramref name="cuts"/>, is cut.</param>
    public async IAsyncEnumerable<ReadOnlySequence<byte>> Lines(
        int longest, bool cuts, TimeSpan silenceMax, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        await using var silence = clock.CreateTimer(_ => Cut(), null, silenceMax, Timeout.InfiniteTimeSpan);
        var skipping = false;
        try
        {
            while (true)
            {
                var read = await Read(reader, cancellation);
                silence.Change(silenceMax, Timeout.InfiniteTimeSpan);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    if (!skipping)
                    {
                        yield return buffer.Slice(0, end);
                    }

                    skipping = false;
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > longest)
                {
                    if (!cuts)
                    {
                        throw new InvalidDataException($"A line is longer than {longest} bytes.");
                    }

                    if (!skipping)
                    {
                        yield return buffer.Slice(0, longest);
                    }

                    skipping = true;
                    buffer = buffer.Slice(buffer.End);
                }

                if (read.IsCompleted)
                {
                    if (cuts && !skipping && !buffer.IsEmpty)
                    {
                        yield return buffer;
                    }

                    yield break;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await lifetime.CancelAsync();
        response.Dispose();
        await body.DisposeAsync();
        lifetime.Dispose();
    }

    private async Task<ReadResult> Read(PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            using var told = cancellation.UnsafeRegister(_ => Cut(), null);
            return await reader.ReadAsync(lifetime.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException("Nothing was heard for too long.");
        }
        catch (HttpRequestException cut)
        {
            throw new IOException("The connection was cut.", cut);
        }
    }

    private void Cut()
    {
        try
        {
            lifetime.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended in between.
        }
    }
}
