using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Messaging;
using RabbitMQ.Client;

namespace Fury.Sdk.Drivers.RabbitMq;

/// <summary>
/// RabbitMQ keeps a message for as long as the channel that took it is open, and knows no times: leases are kept here, and what is over is given back.
/// When this process ends or its connection breaks, RabbitMQ gives all of it to others at once. By itself RabbitMQ closes a channel that holds a
/// message for 30 minutes.
/// </summary>
internal sealed class RabbitMqQueue(DriverContext context, Uri endpoint) : RabbitMqDriver(context, endpoint), IQueueDriver
{
    /// <summary>No application asks for more deliveries; what goes beyond is put aside by RabbitMQ itself.</summary>
    private const int DeliveriesMax = 1001;

    private const string ReasonHeader = "fury-reason";

    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));

    private readonly ConcurrentDictionary<string, Held> _held = new();
    private readonly IReadOnlyDictionary<string, string> _filter = context.Filter;

    /// <summary>Whoever settles may meet another one than he has received of: then it is of no message, and never of a wrong one.</summary>
    private readonly string _name = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private long _tokens;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.Renew,
        MessagingCapabilities.Redrive,
        MessagingCapabilities.TimeToLive,
        MessagingCapabilities.Depth,
        MessagingCapabilities.Filter);

    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        var channel = await Connected(cancellation);
        await Declare(channel, Name(QueueSide.DeadLetters), [], cancellation);
        await Declare(
            channel,
            Resource,
            new Dictionary<string, object?>
            {
                ["x-delivery-limit"] = DeliveriesMax,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = Name(QueueSide.DeadLetters),
            },
            cancellation);
        if (Resource.IndexOf('/') is > 0 and var slash)
        {
            var wanted = _filter.ToDictionary(each => "a-" + each.Key, object? (each) => each.Value);
            wanted["x-match"] = "all";
            await RabbitMqTopic.Declare(channel, Resource[..slash], cancellation);
            await channel.QueueBindAsync(Resource, Resource[..slash], "", wanted, cancellationToken: cancellation);
        }
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation)
    {
        await Publish("", Resource, message, [new(SentHeader, Now)], cancellation);
        return false;
    }

    public ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation) =>
        Looks.FindAsync(() => Take(side, max, lease, cancellation), wait, Clock, cancellation);

    public async ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation)
    {
        using var held = Take(token);
        await held.Channel.BasicAckAsync(held.Tag, multiple: false, CancellationToken.None);
    }

    public async ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation)
    {
        if (delay <= TimeSpan.Zero)
        {
            using var held = Take(token);
            await held.Channel.BasicNackAsync(held.Tag, multiple: false, requeue: true, CancellationToken.None);
            return;
        }

        // It is held on by nobody until then.
        var kept = Find(token);
        kept.Token = "";
        kept.End = Clock.GetUtcNow() + delay;
        kept.Timer?.Change(delay, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation)
    {
        var held = Find(token);
        await Move(held, Name(QueueSide.DeadLetters), [new(ReasonHeader, reason), new(SentHeader, held.Sent)], cancellation);
    }

    public ValueTask RedriveAsync(string token, CancellationToken cancellation) =>
        Move(Find(token), Resource, [new(SentHeader, Now)], cancellation);

    public ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation)
    {
        var held = Find(token);
        held.End = Clock.GetUtcNow() + lease;
        held.Timer?.Change(lease, Timeout.InfiniteTimeSpan);
        return ValueTask.FromResult(held.End);
    }

    public async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var channel = await Connected(cancellation);
        return new QueueDepth(
            await channel.MessageCountAsync(Resource, cancellation),
            null,
            null,
            await channel.MessageCountAsync(Name(QueueSide.DeadLetters), cancellation));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var held in _held.Values)
        {
            held.Dispose();
        }

        await base.DisposeAsync();
    }

    private async ValueTask<IReadOnlyList<DriverDelivery>> Take(QueueSide side, int max, TimeSpan lease, CancellationToken cancellation)
    {
        await GiveBackWhatIsOver();
        var channel = await Connected(cancellation);
        List<DriverDelivery> taken = [];
        while (taken.Count < max && await Get(channel, Name(side), taken.Count, cancellation) is { } message)
        {
            taken.Add(Hold(channel, side, message, lease));
        }

        return taken;
    }

    private static Task<QueueDeclareOk> Declare(IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellation)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
    }

    /// <summary>The next message. One that comes when nobody waits for it any more is given back.</summary>
    private static async Task<BasicGetResult?> Get(IChannel channel, string queue, int have, CancellationToken cancellation)
    {
        var get = channel.BasicGetAsync(queue, autoAck: false, CancellationToken.None);
        try
        {
            return await get.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _ = GiveBack(channel, get);
            throw;
        }
        catch (Exception) when (have > 0)
        {
            // What came before it is given.
            return null;
        }
    }

    private static async Task GiveBack(IChannel channel, Task<BasicGetResult?> get)
    {
        try
        {
            if (await get is { } late)
            {
                await channel.BasicNackAsync(late.DeliveryTag, multiple: false, requeue: true);
            }
        }
        catch (Exception)
        {
            // The channel has ended, and with it what it held.
        }
    }

    /// <summary>First there, then not here any more: on its way a message may be doubled, and is never lost.</summary>
    private async ValueTask Move(Held held, string queue, IEnumerable<KeyValuePair<string, string>> more, CancellationToken cancellation)
    {
        await Publish("", queue, held.Message, more, cancellation);
        using var taken = Take(held.Token);
        await taken.Channel.BasicAckAsync(taken.Tag, multiple: false, CancellationToken.None);
    }

    private DriverDelivery Hold(IChannel channel, QueueSide side, BasicGetResult got, TimeSpan lease)
    {
        var headers = Texts(got.BasicProperties);
        headers.Remove(SentHeader, out var sent);
        headers.Remove(ReasonHeader, out var reason);
        var before = got.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) == true
            ? Convert.ToInt32(count, CultureInfo.InvariantCulture)
            : 0;
        var message = new DriverMessage(headers.GetValueOrDefault("ce-id", ""), got.Body.ToArray(), headers);
        var held = new Held(channel, got.DeliveryTag, message, sent ?? Now)
        {
            Token = string.Create(CultureInfo.InvariantCulture, $"{_name}.{Interlocked.Increment(ref _tokens)}"),
            End = Clock.GetUtcNow() + lease,
        };
        _held[held.Token] = held;
        held.Timer = Clock.CreateTimer(_ => _ = GiveBackWhatIsOver(), null, lease, Timeout.InfiniteTimeSpan);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(held.Sent, CultureInfo.InvariantCulture));
        return new DriverDelivery(message, held.Token, before + 1, at, held.End)
        {
            DeadLetterReason = side == QueueSide.DeadLetters ? reason ?? Death(got.BasicProperties) : null,
        };
    }

    /// <summary>Why RabbitMQ itself has put it aside.</summary>
    private static string? Death(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue("x-first-death-reason", out var reason) == true && reason is byte[] text ? Encoding.UTF8.GetString(text) : null;

    private async Task GiveBackWhatIsOver()
    {
        var now = Clock.GetUtcNow();
        foreach (var (token, held) in _held.Where(each => each.Value.End <= now))
        {
            if (_held.TryRemove(new KeyValuePair<string, Held>(token, held)))
            {
                using (held)
                {
                    try
                    {
                        await held.Channel.BasicNackAsync(held.Tag, multiple: false, requeue: true);
                    }
                    catch (Exception)
                    {
                        // The channel has ended, and with it what it held.
                    }
                }
            }
        }
    }

    private Held Find(string token) =>
        _held.TryGetValue(token, out var held) && held.Token == token && held.End > Clock.GetUtcNow() && held.Channel.IsOpen ? held : throw Lost();

    private Held Take(string token) => Find(token) is var held && _held.TryRemove(new KeyValuePair<string, Held>(token, held)) ? held : throw Lost();

    private string Name(QueueSide side) => side == QueueSide.Main ? Resource : Resource + ".dead";

    private static FuryException Lost() => new(FuryErrorCode.LeaseLost, "The lease of the message is over; it may be another's by now.");

    private sealed class Held(IChannel channel, ulong tag, DriverMessage message, string sent) : IDisposable
    {
        public IChannel Channel { get; } = channel;

        public ulong Tag { get; } = tag;

        public DriverMessage Message { get; } = message;

        public string Sent { get; } = sent;

        /// <summary>Empty once it is held for nobody.</summary>
        public string Token { get; set; } = "";

        public DateTimeOffset End { get; set; }

        public ITimer? Timer { get; set; }

        public void Dispose() => Timer?.Dispose();
    }
}
