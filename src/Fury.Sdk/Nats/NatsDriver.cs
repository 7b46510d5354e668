using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Nats;

/// <summary>What all drivers of NATS have in common: a connection that is made again when it broke, JetStream's calls, and its errors in our words.</summary>
internal abstract class NatsDriver : IDriver
{
    public const string Name = "nats";

    /// <summary>The message that was to be overwritten is another one by now.</summary>
    protected const int WrongSequence = 10071;

    protected const int NoMessage = 10037;

    /// <summary>With the number of the message that is to be overwritten; 0: there must be none.</summary>
    protected const string ExpectedHeader = "Nats-Expected-Last-Subject-Sequence";

    /// <summary>The headers of a message, as JSON in one word.</summary>
    protected const string HeadersHeader = "Fury-Headers";

    /// <summary>How often others may come between what is read and what is written.</summary>
    protected const int SwapsMax = 20;

    private readonly LiveConnection<NatsConnection> _connection;

    protected NatsDriver(DriverContext context)
    {
        (Clock, Resource) = (context.Clock, Escape(context.Route.Resource));
        _connection = new(stop => NatsConnection.Open(context, Late, stop));
    }

    public string Provider => Name;

    public abstract CapabilitySet Declared { get; }

    public bool EndsAtOnce => true;

    protected TimeProvider Clock { get; }

    /// <summary>As a word of a subject and the name of a stream may be.</summary>
    protected string Resource { get; }

    /// <summary>Makes the streams, or finds them made.</summary>
    public abstract ValueTask ProbeAsync(CancellationToken cancellation);

    public virtual ValueTask DisposeAsync() => _connection.DisposeAsync();

    protected static string Word(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    protected static string Word(string text) => Word(Encoding.UTF8.GetBytes(text));

    /// <summary>What comes for a caller who waits no more.</summary>
    protected virtual void Late(NatsMessage message)
    {
    }

    /// <summary>Makes a stream, or finds it made.</summary>
    protected async ValueTask Make(NatsStreamConfig config, CancellationToken cancellation) =>
        Good(await Call($"STREAM.CREATE.{config.Name}", config, NatsJson.Default.NatsStreamConfig, cancellation));

    /// <summary>A call of JetStream's own interface; the answer may be a refusal.</summary>
    protected async ValueTask<NatsAnswer> Call<TRequest>(
        string what, TRequest request, JsonTypeInfo<TRequest> json, CancellationToken cancellation) =>
        Read(await Send($"$JS.API.{what}", null, JsonSerializer.SerializeToUtf8Bytes(request, json), cancellation));

    /// <summary>A call that says nothing more than what it is.</summary>
    protected ValueTask<NatsAnswer> Call(string what, CancellationToken cancellation) => Publish($"$JS.API.{what}", null, default, cancellation);

    protected async ValueTask<NatsAnswer> Publish(
        string subject, IReadOnlyDictionary<string, string>? headers, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        Read(await Send(subject, headers, body, cancellation));

    protected async ValueTask<NatsMessage> Send(
        string subject, IReadOnlyDictionary<string, string>? headers, ReadOnlyMemory<byte> body, CancellationToken cancellation, bool isPull = false)
    {
        var connection = await _connection.Get(cancellation);
        var answer = await connection.Ask(subject, headers, body, isPull, cancellation);
        return answer.Status == 503
            ? throw new FuryException(FuryErrorCode.Unavailable, $"Nobody in NATS answers at '{subject}'.") { IsTransient = true, ProviderCode = "503" }
            : answer;
    }

    /// <summary>All subjects of a stream that are as the filter says, and the number of its last message.</summary>
    protected async ValueTask<(IReadOnlyCollection<string> Subjects, long Last)> Subjects(string stream, string filter, CancellationToken cancellation)
    {
        HashSet<string> subjects = [];
        while (true)
        {
            var answer = Good(await Call($"STREAM.INFO.{stream}", new NatsInfo(filter, subjects.Count), NatsJson.Default.NatsInfo, cancellation));
            var before = subjects.Count;
            subjects.UnionWith(answer.State?.Subjects?.Keys ?? []);
            if (subjects.Count >= answer.Total || subjects.Count == before)
            {
                return (subjects, answer.State?.LastSeq ?? 0);
            }
        }
    }

    /// <summary>One message of a stream; null when there is none.</summary>
    protected async ValueTask<NatsStored?> Stored(string stream, NatsGet get, CancellationToken cancellation)
    {
        var answer = await Call($"STREAM.MSG.GET.{stream}", get, NatsJson.Default.NatsGet, cancellation);
        return answer.Error?.ErrCode == NoMessage ? null : Good(answer).Message;
    }

    /// <summary>What <see cref="Word(string)"/> has made a word of.</summary>
    protected static string Unword(ReadOnlySpan<char> word) => Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(word));

    protected async ValueTask Tell(string subject, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        await (await _connection.Get(cancellation)).Tell(subject, body, cancellation);

    /// <summary>The answer, unless it is a refusal.</summary>
    protected static NatsAnswer Good(NatsAnswer answer) => answer.Error is { } error ? throw Explain(error) : answer;

    private static FuryException Explain(NatsFailure error)
    {
        var (code, transient, unknown) = error.ErrCode switch
        {
            10054 => (FuryErrorCode.PayloadTooLarge, false, false),
            10023 or 10047 or 10077 => (FuryErrorCode.QuotaExceeded, false, false),
            10035 or 10059 or 10014 => (FuryErrorCode.NotFound, false, false),
            _ => error.Code >= 500 ? (FuryErrorCode.Unavailable, true, true) : (FuryErrorCode.Unknown, false, false),
        };
        return new FuryException(code, $"JetStream refused: {error.Description}")
        {
            IsTransient = transient,
            OutcomeUnknown = unknown,
            ProviderCode = $"{error.ErrCode}",
        };
    }

    private static NatsAnswer Read(NatsMessage message) => JsonSerializer.Deserialize(message.Body.Span, NatsJson.Default.NatsAnswer)!;

    protected static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var each in text)
        {
            _ = char.IsAsciiLetterOrDigit(each) || each is '-' or '_' ? escaped.Append(each) : escaped.Append('~').Append($"{(int)each:x}").Append('~');
        }

        return escaped.ToString();
    }
}
