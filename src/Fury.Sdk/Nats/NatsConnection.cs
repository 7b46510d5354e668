using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Nats;

/// <param name="Reply">Where an answer to it is expected; null where none is.</param>
/// <param name="Status">What the server says in the place of a message, e.g. 404; 0 for a message.</param>
internal sealed record NatsMessage(string? Reply, int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>One connection that carries the requests of all callers; answers find them by the subject that each is sent to.</summary>
internal sealed class NatsConnection : IBreakable
{
    private const string Secured = "tls";
    private const int Port = 4222;
    private const int InfoBytesMax = 64 << 10;

    /// <summary>The subscription to all answers.</summary>
    private const string Answers = "1";

    private static readonly TimeSpan SilenceMax = TimeSpan.FromMilliseconds(200);

    private readonly ProviderSocket _socket;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<NatsMessage>> _waiting = new();
    private readonly string _inbox = $"_INBOX.{RandomNumberGenerator.GetHexString(32, lowercase: true)}.";
    private readonly Action<NatsMessage> _late;
    private readonly TaskCompletionSource _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private volatile bool _broken;
    private long _requests;
    private long _reads;

    private NatsConnection(ProviderSocket socket, Action<NatsMessage> late)
    {
        (_socket, _late) = (socket, late);
        _reading = Task.Run(Read);
    }

    public bool IsBroken => _broken;

    /// <param name="late">Given what comes for a caller who waits no more.</param>
    public static async Task<NatsConnection> Open(DriverContext context, Action<NatsMessage> late, CancellationToken cancellation)
    {
        var endpoint = context.Route.Endpoint is { Scheme: NatsDriver.Name or Secured } given ? given : throw Failure.Invalid(
            $"The binding of '{context.Service}' to nats has no such endpoint; one like nats://10.0.0.7:4222 or tls://nats.example.com:4222 is right.");
        var credential = context.Route.Credential is null ? null : new EnvironmentCredential(context, "USER,PASSWORD", parts: 2);
        var hello = new NatsHello(credential?[0], credential?[1]);
        var trust = endpoint.Scheme == Secured ? TlsTrust.Of(context) : null;
        var socket = await ProviderSocket.Connect("NATS", endpoint, Port, cancellation);
        if (trust is not null)
        {
            await SkipInfo(socket, endpoint, cancellation);
            socket = await socket.Secure("NATS", endpoint, trust, cancellation);
        }

        var connection = new NatsConnection(socket, late);
        try
        {
            byte[] words = [.. "CONNECT "u8, .. JsonSerializer.SerializeToUtf8Bytes(hello, NatsJson.Default.NatsHello)];
            await connection.Write([.. words, .. Encoding.UTF8.GetBytes($"\r\nSUB {connection._inbox}* {Answers}\r\nPING\r\n")], cancellation);
            await connection._welcome.Task.WaitAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a server says of itself, before TLS begins.</summary>
    private static async Task SkipInfo(ProviderSocket socket, Uri endpoint, CancellationToken cancellation)
    {
        var one = new byte[1];
        try
        {
            for (var read = 0; one[0] != (byte)'\n'; read++)
            {
                if (read == InfoBytesMax)
                {
                    throw TlsTrust.Refused("NATS", endpoint, new InvalidDataException("It does not say what a NATS server says first."));
                }

                await socket.Stream.ReadExactlyAsync(one, cancellation);
            }
        }
        catch (Exception error)
        {
            socket.Dispose();
            throw error is IOException ? TlsTrust.Failed("NATS", endpoint, error) : error;
        }
    }

    /// <summary>The first answer to a message.</summary>
    /// <param name="isPull">The answer is a message of a stream, which comes under its own subject: it is known by a subscription for it alone.</param>
    public async Task<NatsMessage> Ask(
        string subject, IReadOnlyDictionary<string, string>? headers, ReadOnlyMemory<byte> body, bool isPull, CancellationToken cancellation)
    {
        var (number, reads, begun) = (Interlocked.Increment(ref _requests), Interlocked.Read(ref _reads), Stopwatch.GetTimestamp());
        var id = isPull ? Pull(number) : number.ToString(CultureInfo.InvariantCulture);
        var answer = _waiting[id] = new TaskCompletionSource<NatsMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var line = Line(subject, isPull ? $"{_inbox}pull.{id}" : _inbox + id, headers, body.Span);
            await Write(isPull ? [.. Encoding.ASCII.GetBytes($"SUB {_inbox}pull.{id} {id}\r\nUNSUB {id} 1\r\n"), .. line] : line, cancellation);
            if (_broken)
            {
                Break(null);
            }

            return await answer.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (!isPull && Interlocked.Read(ref _reads) == reads && Stopwatch.GetElapsedTime(begun) > SilenceMax)
        {
            // Nothing at all was heard meanwhile: whoever comes next should not wait behind this.
            Break(null);
            throw;
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    public async Task Tell(string subject, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        await Write(Line(subject, "", null, body.Span), cancellation);

    public async ValueTask DisposeAsync()
    {
        Break(null);
        await _socket.Stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private static string Pull(long number) => string.Create(CultureInfo.InvariantCulture, $"p{number}");

    private static byte[] Line(string subject, string reply, IReadOnlyDictionary<string, string>? headers, ReadOnlySpan<byte> body)
    {
        if (headers is null)
        {
            return [.. Encoding.UTF8.GetBytes($"PUB {subject} {reply} {body.Length}\r\n"), .. body, .. "\r\n"u8];
        }

        var block = new StringBuilder("NATS/1.0\r\n");
        foreach (var (name, value) in headers)
        {
            block.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        block.Append("\r\n");
        return [.. Encoding.UTF8.GetBytes($"HPUB {subject} {reply} {block.Length} {block.Length + body.Length}\r\n{block}"), .. body, .. "\r\n"u8];
    }

    private async Task Write(byte[] line, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (_broken)
            {
                throw new FuryException(FuryErrorCode.Unavailable, "The connection to NATS is broken.") { IsTransient = true };
            }

            // Whole, and not cancelled halfway.
            await _socket.Stream.WriteAsync(line, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            Break(error);
            throw Lost(error);
        }
        finally
        {
            _writing.Release();
        }
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
                while (NatsFrame.TryRead(ref buffer, out var frame))
                {
                    await Handle(frame);
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

    private async Task Handle(NatsFrame frame)
    {
        if (frame.Message is { } message)
        {
            var id = frame.Subscription == Answers ? frame.Subject[_inbox.Length..] : frame.Subscription;
            if (_waiting.TryRemove(id, out var waiting) && waiting.TrySetResult(message))
            {
                return;
            }

            _late(message);
        }
        else if (frame.Subject == "PING")
        {
            await Write("PONG\r\n"u8.ToArray(), CancellationToken.None);
        }
        else if (frame.Subject == "PONG")
        {
            _welcome.TrySetResult();
        }
        else if (frame.Subject.StartsWith("-ERR", StringComparison.Ordinal))
        {
            throw Refusal(frame.Subject);
        }
    }

    /// <summary>Those who wait are not told whether it has happened, since nobody knows.</summary>
    private void Break(Exception? error)
    {
        _broken = true;
        _welcome.TrySetException(error as FuryException ?? Lost(error));
        _ = _welcome.Task.Exception;
        _socket.Socket.Dispose();
        foreach (var id in _waiting.Keys)
        {
            if (_waiting.TryRemove(id, out var waiting))
            {
                waiting.TrySetException(Lost(error));
            }
        }
    }

    private static Exception Refusal(string text) =>
        text.Contains("Authorization", StringComparison.OrdinalIgnoreCase) || text.Contains("Authentication", StringComparison.OrdinalIgnoreCase)
            ? new FuryException(FuryErrorCode.Unauthenticated, $"NATS refused the credential of the binding, or wants one: {text}") { ProviderCode = text }
            : text.Contains("TLS", StringComparison.Ordinal)
            ? new FuryException(FuryErrorCode.InvalidArgument, $"NATS wants TLS; an endpoint like tls://nats.example.com:4222 is right: {text}")
            : new IOException(text);

    private static FuryException Lost(Exception? error) => new(FuryErrorCode.Unavailable, "The connection to NATS broke before it had answered.", error)
    {
        IsTransient = true,
        OutcomeUnknown = true,
    };
}
