using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Aws;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Sqs;

/// <summary>
/// The text of a message is its headers, its body a binary attribute, whose bytes SQS counts as they are. SQS lets a message be settled after its lease
/// as long as nobody else has it; here it is not, so ends are kept beside what was received. SQS does not tell that it has dropped a duplicate.
/// </summary>
internal class SqsQueue : IQueueDriver
{
    private const int BatchMax = 10;
    private const string PolicyAttribute = "Policy";
    private const string ArnAttribute = "QueueArn";

    /// <summary>What the names of queues and topics with order end with.</summary>
    protected const string Fifo = ".fifo";

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private readonly AwsJsonClient _client;
    private readonly TimeProvider _clock;
    private readonly string _name;
    private readonly bool _isOrdered;
    private readonly ConcurrentDictionary<string, Held> _held = new();
    private readonly Dictionary<QueueSide, string> _urls = [];

    public SqsQueue(DriverContext context)
        : this(context, context.Route.Resource)
    {
    }

    /// <param name="more">Capabilities beyond those of every queue.</param>
    protected SqsQueue(DriverContext context, string name, params Capability[] more)
    {
        _client = new AwsJsonClient(context, "SQS", "sqs", "AmazonSQS", "1.0", HttpConnections.WaitersMax);
        (_clock, _name, _isOrdered) = (context.Clock, name, IsOrdered(name));
        Capability[] all =
            [MessagingCapabilities.Renew, MessagingCapabilities.Redrive, MessagingCapabilities.TimeToLive, MessagingCapabilities.Depth, .. more];
        Declared = CapabilitySet.Native(_isOrdered ? [.. all, MessagingCapabilities.OrderingKey] : all);
    }

    public virtual string Provider => SqsProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; }

    /// <summary>Makes both queues, or finds them made.</summary>
    public virtual async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        foreach (var side in Enum.GetValues<QueueSide>())
        {
            var name = side == QueueSide.Main ? _name : _isOrdered ? $"{_name[..^Fifo.Length]}-dead{Fifo}" : $"{_name}-dead";
            var create = new SqsCreate(name, _isOrdered ? new Dictionary<string, string> { ["FifoQueue"] = "true" } : null);
            _urls[side] = (await _client.Call("CreateQueue", create, SqsJson.Default.SqsCreate, SqsJson.Default.SqsCreated, cancellation)).QueueUrl;
        }
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation)
    {
        await Send(QueueSide.Main, message, [], cancellation);
        return false;
    }

    public async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = _clock.GetUtcNow() + wait;
        while (true)
        {
            foreach (var over in _held.Where(each => each.Value.End <= _clock.GetUtcNow()))
            {
                _held.TryRemove(over);
            }

            // Waits are of whole seconds. A lease begins when SQS gives the message, which is heard a little later.
            var left = deadline - _clock.GetUtcNow();
            var receive = new SqsReceive(
                _urls[side], Math.Min(max, BatchMax), Seconds(lease), Seconds(left < WaitMax ? left : WaitMax), ["All"], [SqsMessageForm.BodyAttribute]);
            var received = await _client.Call("ReceiveMessage", receive, SqsJson.Default.SqsReceive, SqsJson.Default.SqsReceived, cancellation);
            var end = _clock.GetUtcNow() + lease;
            if (received.Messages is { Count: > 0 } messages)
            {
                return [.. messages.Select(message => Delivery(side, message, end))];
            }

            if (_clock.GetUtcNow() >= deadline)
            {
                return [];
            }
        }
    }

    public async ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation)
    {
        _ = Take(token);
        await Delete(side, token, cancellation);
    }

    public async ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation)
    {
        _ = Take(token);
        await Hide(side, token, delay, cancellation);
    }

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation)
    {
        var held = Find(token);
        (string, string)[] more = [(MessageText.ReasonHeader, reason), (MessageText.SentHeader, held.Sent)];
        return Move(held, token, QueueSide.Main, QueueSide.DeadLetters, more, cancellation);
    }

    public ValueTask RedriveAsync(string token, CancellationToken cancellation) =>
        Move(Find(token), token, QueueSide.DeadLetters, QueueSide.Main, [], cancellation);

    public async ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation)
    {
        var held = Find(token);
        var end = _clock.GetUtcNow() + lease;
        await Hide(side, token, lease, cancellation);
        return held.End = end;
    }

    public async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var (main, dead) = (await Counts(QueueSide.Main, cancellation), await Counts(QueueSide.DeadLetters, cancellation));
        return new QueueDepth(main.Visible, main.Leased, main.Delayed, dead.Visible + dead.Leased);
    }

    public virtual ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int Seconds(TimeSpan time) => time <= TimeSpan.Zero ? 0 : (int)Math.Ceiling(time.TotalSeconds);

    /// <summary>Whether its name says that it keeps an order.</summary>
    internal static bool IsOrdered(string name) => name.EndsWith(Fifo, StringComparison.Ordinal);

    /// <summary>The queue's address within AWS.</summary>
    protected async ValueTask<string> Arn(CancellationToken cancellation) => (await Ask(QueueSide.Main, [ArnAttribute], cancellation))[ArnAttribute];

    /// <summary>Lets whom the policy names write into the queue.</summary>
    protected async ValueTask Allow(string policy, CancellationToken cancellation) => await Do(
        "SetQueueAttributes",
        new SqsSet(_urls[QueueSide.Main], new Dictionary<string, string> { [PolicyAttribute] = policy }),
        SqsJson.Default.SqsSet,
        cancellation);

    private async ValueTask Send(
        QueueSide side, DriverMessage message, IEnumerable<(string Name, string Value)> more, CancellationToken cancellation)
    {
        var form = SqsMessageForm.Of(message, more, _isOrdered);
        var send = new SqsSend(
            _urls[side],
            form.Text,
            message.Body.IsEmpty
                ? null
                : new Dictionary<string, SqsValue> { [SqsMessageForm.BodyAttribute] = new("Binary", message.Body.ToArray()) },
            form.Group,
            form.Once);
        await Do("SendMessage", send, SqsJson.Default.SqsSend, cancellation);
    }

    private DriverDelivery Delivery(QueueSide side, SqsMessage got, DateTimeOffset end)
    {
        var body = got.MessageAttributes?.GetValueOrDefault(SqsMessageForm.BodyAttribute)?.BinaryValue ?? [];
        var (message, reason, sent) = MessageText.Read(Encoding.UTF8.GetBytes(got.Body), body);
        var held = _held[got.ReceiptHandle] = new Held(message, sent ?? got.Attributes!["SentTimestamp"]) { End = end };
        return new DriverDelivery(
            message,
            got.ReceiptHandle,
            int.Parse(got.Attributes!["ApproximateReceiveCount"], CultureInfo.InvariantCulture),
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(held.Sent, CultureInfo.InvariantCulture)),
            end)
        {
            DeadLetterReason = side == QueueSide.DeadLetters ? reason : null,
        };
    }

    /// <summary>First there, then not here any more: on its way a message may be doubled, and is never lost.</summary>
    private async ValueTask Move(
        Held held, string token, QueueSide from, QueueSide to, IEnumerable<(string Name, string Value)> more, CancellationToken cancellation)
    {
        await Send(to, held.Message, more, cancellation);
        _ = Take(token);
        await Delete(from, token, cancellation);
    }

    private ValueTask<SqsNothing> Delete(QueueSide side, string token, CancellationToken cancellation) =>
        Do("DeleteMessage", new SqsSettle(_urls[side], token), SqsJson.Default.SqsSettle, cancellation);

    private ValueTask<SqsNothing> Hide(QueueSide side, string token, TimeSpan time, CancellationToken cancellation) =>
        Do("ChangeMessageVisibility", new SqsSettle(_urls[side], token, Seconds(time)), SqsJson.Default.SqsSettle, cancellation);

    private ValueTask<SqsNothing> Do<TRequest>(string what, TRequest request, JsonTypeInfo<TRequest> json, CancellationToken cancellation) =>
        _client.Call(what, request, json, SqsJson.Default.SqsNothing, cancellation);

    private async Task<(long Visible, long Leased, long Delayed)> Counts(QueueSide side, CancellationToken cancellation)
    {
        const string Count = "ApproximateNumberOfMessages";
        var told = await Ask(side, [Count, $"{Count}NotVisible", $"{Count}Delayed"], cancellation);
        return (Number(Count), Number($"{Count}NotVisible"), Number($"{Count}Delayed"));

        long Number(string name) => long.Parse(told.GetValueOrDefault(name, "0"), CultureInfo.InvariantCulture);
    }

    private async ValueTask<Dictionary<string, string>> Ask(QueueSide side, string[] attributes, CancellationToken cancellation) => (await _client.Call(
        "GetQueueAttributes", new SqsAsk(_urls[side], attributes), SqsJson.Default.SqsAsk, SqsJson.Default.SqsAttributes, cancellation)).Attributes ?? [];

    private Held Find(string token) =>
        _held.TryGetValue(token, out var held) && held.End > _clock.GetUtcNow() ? held : throw Failure.LeaseLost("the message");

    private Held Take(string token) =>
        Find(token) is var held && _held.TryRemove(new KeyValuePair<string, Held>(token, held)) ? held : throw Failure.LeaseLost("the message");

    private sealed class Held(DriverMessage message, string sent)
    {
        public DriverMessage Message { get; } = message;

        /// <summary>Ms since 1970.</summary>
        public string Sent { get; } = sent;

        public DateTimeOffset End { get; set; }
    }
}
