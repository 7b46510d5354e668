using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Redis;

/// <summary>One connection that carries the calls of all callers, each without waiting for the answers of those before it.</summary>
internal sealed class RespConnection : IBreakable
{
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMilliseconds(200);

    private readonly ProviderSocket _socket;
    private readonly PipeWriter _writer;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentQueue<TaskCompletionSource<RespValue>> _waiting = new();
    private readonly Action<RespValue>? _unasked;
    private readonly Task _reading;
    private volatile bool _broken;
    private long _reads;

    private RespConnection(ProviderSocket socket, Action<RespValue>? unasked)
    {
        (_socket, _unasked) = (socket, unasked);
        _writer = PipeWriter.Create(socket.Stream);
        _reading = Task.Run(Read);
    }

    public bool IsBroken => _broken;

    /// <summary>Ends when nothing more will be heard.</summary>
    public Task Ended => _reading;

    /// <param name="unasked">What Redis says by itself, on a connection that has subscribed to something.</param>
    public static RespConnection Open(ProviderSocket socket, Action<RespValue>? unasked) => new(socket, unasked);

    public async Task<RespValue> Ask(IReadOnlyList<ReadOnlyMemory<byte>> command, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<RespValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writing.WaitAsync(cancellation);
        try
        {
            if (_broken)
            {
                throw new FuryException(FuryErrorCode.Unavailable, "The connection to Redis is broken.") { IsTransient = true };
            }

            _waiting.Enqueue(answer);
            Write(command);
            // Not cancelled halfway: what is written must be whole.
            await _writer.FlushAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            Break(error);
        }
        finally
        {
            _writing.Release();
        }

        if (_broken)
        {
            Break(null);
        }

        var reads = Interlocked.Read(ref _reads);
        var begun = Stopwatch.GetTimestamp();
        // Told to the very task that is waited for: another one around it would cost each call more than all the rest of this.
        using var told = cancellation.UnsafeRegister(
            static (waiting, token) => ((TaskCompletionSource<RespValue>)waiting!).TrySetCanceled(token), answer);
        try
        {
            return await answer.Task;
        }
        catch (OperationCanceledException) when (Interlocked.Read(ref _reads) == reads && Stopwatch.GetElapsedTime(begun) > SilenceMax)
        {
            // Nothing at all was heard meanwhile: whoever comes next should not wait behind this.
            Break(null);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break(null);
        await _socket.Stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private void Write(IReadOnlyList<ReadOnlyMemory<byte>> command)
    {
        Header((byte)'*', command.Count);
        foreach (var part in command)
        {
            Header((byte)'$', part.Length);
            _writer.Write(part.Span);
            _writer.Write("\r\n"u8);
        }
    }

    private void Header(byte mark, int number)
    {
        var span = _writer.GetSpan(16);
        span[0] = mark;
        Utf8Formatter.TryFormat(number, span[1..], out var digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        _writer.Advance(3 + digits);
    }

    private async Task Read()
    {
        var reader = PipeReader.Create(_socket.Stream);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync();
                Interlocked.Increment(ref _reads);
                var buffer = read.Buffer;
                while (TryTake(ref buffer, out var value))
                {
                    if (_waiting.TryDequeue(out var next))
                    {
                        next.TrySetResult(value);
                    }
                    else
                    {
                        _unasked?.Invoke(value);
                    }
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    Break(null);
                    return;
                }
            }
        }
        catch (Exception error)
        {
            // Whatever ends the reading ends the connection; its callers are told.
            Break(error);
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!RespValue.TryRead(ref reader, out value))
        {
            return false;
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }

    /// <summary>Those who wait are not told whether it has happened, since nobody knows.</summary>
    private void Break(Exception? error)
    {
        _broken = true;
        _socket.Socket.Dispose();
        while (_waiting.TryDequeue(out var waiting))
        {
            waiting.TrySetException(new FuryException(FuryErrorCode.Unavailable, "The connection to Redis broke before it had answered.", error)
            {
                IsTransient = true,
                OutcomeUnknown = true,
            });
        }
    }

    public static ReadOnlyMemory<byte> Part(string text) => Encoding.UTF8.GetBytes(text);
}
