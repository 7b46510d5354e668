using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.PubSub;

/// <summary>
/// A subscription, and another for the dead letters. Pub/Sub has one lease for all messages: here a short one, which is prolonged for as long as the message's
/// own lasts. What is redriven is published again with the name of this subscription, and the filters of others keep it out.
/// </summary>
internal sealed class PubSubQueue : IQueueDriver
{
    /// <summary>Pub/Sub's own.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan DelayMax = TimeSpan.FromMinutes(10);

    private readonly PubSubClient _client;
    private readonly TimeProvider _clock;
    private readonly string _topic;
    private readonly string _name;
    private readonly string _filter;
    private readonly Dictionary<QueueSide, ProlongedLeases> _leases;

    public PubSubQueue(DriverContext context)
    {
        (_client, _clock) = (new PubSubClient(context), context.Clock);
        var resource = context.Route.Resource;
        (_topic, _name) = resource.Split('/') is [var topic, var own] ? (topic, $"{topic}_{own}") : (resource, resource);
        _filter = _topic == _name ? "" : PubSubClient.Filter(_name, context.Filter);
        _leases = Enum.GetValues<QueueSide>().ToDictionary(side => side, side => new ProlongedLeases(
            _clock,
            Lease,
            (handle, stop) => _client.Lease(Name(side), handle, Lease, stop),
            (handle, stop) => _client.Lease(Name(side), handle, TimeSpan.Zero, stop)));
    }

    public string Provider => PubSubProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.Renew, MessagingCapabilities.Redrive, MessagingCapabilities.TimeToLive, MessagingCapabilities.Filter);

    public FuryException Translate(Exception error) => _client.Translate(error);

    public async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        await _client.Topic(_topic, cancellation);
        await _client.Topic(Name(QueueSide.DeadLetters), cancellation);
        await _client.Subscription(Name(QueueSide.DeadLetters), Name(QueueSide.DeadLetters), "", Lease, null, cancellation);
        await _client.Subscription(_name, _topic, _filter, Lease, Name(QueueSide.DeadLetters), cancellation);
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation)
    {
        await _client.Publish(_topic, message, _topic == _name ? null : _name, [], cancellation);
        return false;
    }

    public async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        var deadline = _clock.GetUtcNow() + wait;
        while (true)
        {
            await _leases[side].GiveBackWhatIsOver();
            var left = deadline - _clock.GetUtcNow();
            var pulled = await Pull(side, max, left, cancellation);
            if (pulled.Count > 0 || left <= TimeSpan.Zero)
            {
                return [.. pulled.Select(each => Delivery(side, each, lease))];
            }
        }
    }

    public async ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) =>
        await _client.Acknowledge(Name(side), _leases[side].Take(token).Handle, cancellation);

    /// <summary>Pub/Sub hides a message for 10 minutes at most; it comes after those where the delay is longer.</summary>
    public async ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) =>
        await _client.Lease(Name(side), _leases[side].Take(token).Handle, delay < DelayMax ? delay : DelayMax, cancellation);

    public async ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation)
    {
        var held = _leases[QueueSide.Main].Find(token);
        (string, string)[] more = [(MessageText.ReasonHeader, reason), (MessageText.SentHeader, held.Sent)];
        await _client.Publish(Name(QueueSide.DeadLetters), held.Message, null, more, cancellation);
        await CompleteAsync(QueueSide.Main, token, cancellation);
    }

    /// <summary>First there, then not here any more: on its way a message may be doubled, and is never lost.</summary>
    public async ValueTask RedriveAsync(string token, CancellationToken cancellation)
    {
        await SendAsync(_leases[QueueSide.DeadLetters].Find(token).Message, cancellation);
        await CompleteAsync(QueueSide.DeadLetters, token, cancellation);
    }

    public ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation) =>
        ValueTask.FromResult(_leases[side].Renew(token, lease));

    public async ValueTask DisposeAsync()
    {
        foreach (var leases in _leases.Values)
        {
            await leases.DisposeAsync();
        }

        _client.Dispose();
    }

    private string Name(QueueSide side) => side == QueueSide.Main ? _name : $"{_name}-dead";

    /// <summary>Pub/Sub waits for the first for as long as it likes; what it gives to somebody who has gone meanwhile comes again.</summary>
    private async ValueTask<IReadOnlyList<PubSubReceived>> Pull(QueueSide side, int max, TimeSpan wait, CancellationToken cancellation)
    {
        if (wait <= TimeSpan.Zero)
        {
            return await _client.Pull(Name(side), max, atOnce: true, cancellation);
        }

        using var waits = new CancellationTokenSource(wait, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waits.Token, cancellation);
        try
        {
            return await _client.Pull(Name(side), max, atOnce: false, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];
        }
    }

    private DriverDelivery Delivery(QueueSide side, PubSubReceived got, TimeSpan lease)
    {
        var (message, reason, sent) = MessageText.Unframe(got.Message.Data);
        sent ??= (got.Message.PublishTime ?? _clock.GetUtcNow()).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var held = _leases[side].Hold(got.AckId, message, sent, lease);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(sent, CultureInfo.InvariantCulture));
        return new DriverDelivery(message, held.Token, Math.Max(1, got.DeliveryAttempt), at, held.End)
        {
            DeadLetterReason = side == QueueSide.DeadLetters ? reason : null,
        };
    }
}

internal sealed class PubSubTopic(DriverContext context) : ITopicDriver
{
    private readonly PubSubClient _client = new(context);

    public string Provider => PubSubProvider.Name;

    public bool EndsAtOnce => true;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(MessagingCapabilities.Filter);

    public FuryException Translate(Exception error) => _client.Translate(error);

    public ValueTask ProbeAsync(CancellationToken cancellation) => _client.Topic(context.Route.Resource, cancellation);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        await _client.Publish(context.Route.Resource, message, null, [], cancellation);
        return false;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
