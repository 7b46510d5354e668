using System.Globalization;
using System.Text;
using System.Text.Json;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Nats;

/// <summary>
/// A work queue of JetStream, and another for the dead letters. JetStream has one lease for all messages: here a short one, which is prolonged for as
/// long as the message's own lasts. So what a process held when it ended is another's within 15 s.
/// </summary>
internal sealed class NatsQueue : NatsDriver, IQueueDriver
{
    private const string Durable = "fury";
    private const string ReasonHeader = "Fury-Reason";
    private const string SentHeader = "Fury-Sent-Ms";
    private const string OnceHeader = "Nats-Msg-Id";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    /// <summary>A message that was stored a moment ago is not always found by who does not wait at all.</summary>
    private static readonly TimeSpan PullLeast = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PullMost = TimeSpan.FromSeconds(5);

    /// <summary>JetStream's own.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private readonly ProlongedLeases _leases;
    private readonly string _name;
    private readonly IReadOnlyDictionary<string, string> _filter;

    public NatsQueue(DriverContext context)
        : base(context)
    {
        _leases = new ProlongedLeases(
            Clock, Lease, (subject, stop) => Settle(subject, "+WPI", stop), (subject, stop) => Settle(subject, "-NAK", stop));
        (_name, _filter) = (context.Route.Resource, context.Filter);
    }

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.Deduplication,
        MessagingCapabilities.Renew,
        MessagingCapabilities.Redrive,
        MessagingCapabilities.TimeToLive,
        MessagingCapabilities.Depth,
        MessagingCapabilities.Filter);

    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        foreach (var side in Enum.GetValues<QueueSide>())
        {
            var stream = Stream(side);
            await Make(new NatsStreamConfig(stream, [Subject(side)], "workqueue", DuplicateWindow: Ns(Window)), cancellation);
            var consumer = new NatsConsumer(stream, new NatsConsumerConfig(Durable, Ns(Lease)));
            Good(await Call($"CONSUMER.DURABLE.CREATE.{stream}.{Durable}", consumer, NatsJson.Default.NatsConsumer, cancellation));
        }

        if (_name.IndexOf('/') is > 0 and var slash)
        {
            // Last, so that a topic knows of no subscription that cannot take what it gets.
            await Register(_name[..slash], _filter, cancellation);
        }
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation) =>
        Good(await Publish(Subject(QueueSide.Main), Headers(message, Now), message.Body, cancellation)).Duplicate;

    /// <summary>The subject that a queue of this name takes its messages from.</summary>
    public static string SubjectOf(string escaped) => $"fury.q.{escaped}";

    public static Dictionary<string, string> Headers(DriverMessage message, string now)
    {
        var headers = Headers(message.Headers, now);
        if (message.DeduplicationId is { } id)
        {
            headers[OnceHeader] = Word(id);
        }

        return headers;
    }

    public async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = Clock.GetUtcNow() + (wait < PullLeast ? PullLeast : wait);
        while (true)
        {
            await _leases.GiveBackWhatIsOver();
            var left = deadline - Clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return [];
            }

            List<DriverDelivery> taken = [];
            var message = await Pull(side, left < PullMost ? left : PullMost, 0, cancellation);
            while (message is not null)
            {
                taken.Add(Delivery(side, message, lease));
                message = taken.Count < max && More(message) ? await Pull(side, PullLeast, taken.Count, cancellation) : null;
            }

            if (taken.Count > 0)
            {
                return taken;
            }
        }
    }

    public async ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) =>
        await Settle(_leases.Take(token).Handle, "+ACK", cancellation);

    public async ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) => await Settle(
        _leases.Take(token).Handle,
        delay <= TimeSpan.Zero ? "-NAK" : $$"""-NAK {"delay":{{Ns(delay).ToString(CultureInfo.InvariantCulture)}}}""",
        cancellation);

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation)
    {
        var held = _leases.Find(token);
        var headers = Headers(held.Message.Headers, held.Sent);
        headers[ReasonHeader] = Word(reason);
        return Move(held, QueueSide.DeadLetters, headers, cancellation);
    }

    public ValueTask RedriveAsync(string token, CancellationToken cancellation)
    {
        var held = _leases.Find(token);
        return Move(held, QueueSide.Main, Headers(held.Message.Headers, Now), cancellation);
    }

    public ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation) =>
        ValueTask.FromResult(_leases.Renew(token, lease));

    public async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var (main, dead) = (await Info(QueueSide.Main, cancellation), await Info(QueueSide.DeadLetters, cancellation));
        return new QueueDepth(main.NumPending, main.NumAckPending, null, dead.NumPending + dead.NumAckPending);
    }

    public override async ValueTask DisposeAsync()
    {
        await _leases.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>A message that comes for a receiver who has gone is given back.</summary>
    protected override void Late(NatsMessage message)
    {
        if (message is { Status: 0, Reply: { } subject })
        {
            _ = GiveBack(subject);
        }
    }

    private static Dictionary<string, string> Headers(IReadOnlyDictionary<string, string> headers, string sent) => new()
    {
        [HeadersHeader] = Word(HeadersJson.Write(headers)),
        [SentHeader] = sent,
    };

    /// <summary>Whether the queue had another one then.</summary>
    private static bool More(NatsMessage message) => Word(message, 8) != "0";

    /// <summary>Of $JS.ACK.STREAM.CONSUMER.DELIVERIES.NUMBER.NUMBER.TIME.PENDING, which may have a domain and an account before the stream.</summary>
    private static string Word(NatsMessage message, int index)
    {
        var words = message.Reply!.Split('.');
        return words[words.Length <= 9 ? index : index + 2];
    }

    private static long Ns(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private async ValueTask Register(string topic, IReadOnlyDictionary<string, string> filter, CancellationToken cancellation)
    {
        var escaped = Escape(topic);
        await Make(NatsTopic.ConfigOf(escaped), cancellation);
        Good(await Publish(NatsTopic.SubjectOf(escaped, Resource), null, HeadersJson.Write(filter), cancellation));
    }

    private async Task GiveBack(string subject)
    {
        try
        {
            await Tell(subject, "-NAK"u8.ToArray(), CancellationToken.None);
        }
        catch (FuryException)
        {
            // JetStream's own lease ends anyhow.
        }
    }

    /// <summary>The next message, or null. JetStream says 404 or 408 when there is none.</summary>
    private async Task<NatsMessage?> Pull(QueueSide side, TimeSpan wait, int have, CancellationToken cancellation)
    {
        var pull = new NatsPull(1, Ns(wait));
        try
        {
            var subject = $"$JS.API.CONSUMER.MSG.NEXT.{Stream(side)}.{Durable}";
            var body = JsonSerializer.SerializeToUtf8Bytes(pull, NatsJson.Default.NatsPull);
            var answer = await Send(subject, null, body, cancellation, isPull: true);
            return answer is { Status: 0, Reply: not null } ? answer
                : answer.Status is 404 or 408 or 409 ? null
                : throw new FuryException(FuryErrorCode.Unknown, $"JetStream answered {answer.Status} to a pull.");
        }
        catch (Exception trouble) when (have > 0 && trouble is FuryException or OperationCanceledException)
        {
            // What came before it is given.
            return null;
        }
    }

    private DriverDelivery Delivery(QueueSide side, NatsMessage got, TimeSpan lease)
    {
        var headers = HeadersJson.Read(System.Buffers.Text.Base64Url.DecodeFromChars(got.Headers[HeadersHeader]));
        var message = new DriverMessage(headers.GetValueOrDefault("ce-id", ""), got.Body, headers);
        var held = _leases.Hold(got.Reply!, message, got.Headers[SentHeader], lease);
        var reason = side == QueueSide.DeadLetters && got.Headers.TryGetValue(ReasonHeader, out var word)
            ? Unword(word)
            : null;
        var deliveries = int.Parse(Word(got, 4), CultureInfo.InvariantCulture);
        var sent = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(held.Sent, CultureInfo.InvariantCulture));
        return new DriverDelivery(message, held.Token, deliveries, sent, held.End) { DeadLetterReason = reason };
    }

    /// <summary>First there, then not here any more: on its way a message may be doubled, and is never lost.</summary>
    private async ValueTask Move(HeldMessage held, QueueSide to, Dictionary<string, string> headers, CancellationToken cancellation)
    {
        Good(await Publish(Subject(to), headers, held.Message.Body, cancellation));
        await Settle(_leases.Take(held.Token).Handle, "+ACK", cancellation);
    }

    /// <summary>JetStream says when it has done it.</summary>
    private async ValueTask Settle(string subject, string word, CancellationToken cancellation) =>
        await Send(subject, null, Encoding.ASCII.GetBytes(word), cancellation);

    private async ValueTask<NatsAnswer> Info(QueueSide side, CancellationToken cancellation) =>
        Good(await Call($"CONSUMER.INFO.{Stream(side)}.{Durable}", cancellation));

    private string Now => Clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private string Stream(QueueSide side) => side == QueueSide.Main ? $"FURY-Q-{Resource}" : $"FURY-D-{Resource}";

    private string Subject(QueueSide side) => side == QueueSide.Main ? SubjectOf(Resource) : $"fury.d.{Resource}";
}
