using System.Text;
using Fury.Sdk.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Fury.Sdk.Drivers.RabbitMq;

/// <summary>
/// What all drivers of RabbitMQ have in common: one connection with one channel that confirms what is published, made again when it broke, and
/// RabbitMQ's errors in our words.
/// </summary>
internal abstract class RabbitMqDriver(DriverContext context, Uri endpoint) : IDriver
{
    /// <summary>When a message was sent, in ms since 1970.</summary>
    protected const string SentHeader = "fury-sent-ms";

    private const string IdHeader = "ce-id";

    private readonly SemaphoreSlim _connecting = new(1);
    private IConnection? _connection;
    private IChannel? _channel;

    public string Provider => RabbitMqProvider.Name;

    public abstract CapabilitySet Declared { get; }

    protected TimeProvider Clock { get; } = context.Clock;

    protected string Resource { get; } = context.Route.Resource;

    public abstract ValueTask ProbeAsync(CancellationToken cancellation);

    public virtual async ValueTask DisposeAsync()
    {
        await Close();
        _connecting.Dispose();
    }

    public FuryException Translate(Exception error) => error switch
    {
        BrokerUnreachableException { InnerException: AuthenticationFailureException } =>
            new FuryException(FuryErrorCode.Unauthenticated, "RabbitMQ does not know the user or its password.", error),
        BrokerUnreachableException => new FuryException(FuryErrorCode.Unavailable, "RabbitMQ cannot be reached.", error) { IsTransient = true },
        PublishException { IsReturn: true } => new FuryException(FuryErrorCode.NotFound, $"RabbitMQ has no queue '{Resource}'.", error),
        // A rejected message is in none of the queue's copies, or in too few of them.
        PublishException => new FuryException(FuryErrorCode.Unavailable, "RabbitMQ did not take the message.", error)
        {
            IsTransient = true,
            OutcomeUnknown = true,
        },
        OperationInterruptedException { ShutdownReason.ReplyCode: 403 } =>
            new FuryException(FuryErrorCode.PermissionDenied, "RabbitMQ does not allow it.", error),
        OperationInterruptedException { ShutdownReason.ReplyCode: 404 } =>
            new FuryException(FuryErrorCode.NotFound, $"RabbitMQ has nothing named '{Resource}'.", error),
        _ => new FuryException(FuryErrorCode.Unavailable, "The connection to RabbitMQ broke.", error) { IsTransient = true, OutcomeUnknown = true },
    };

    protected async ValueTask<IChannel> Connected(CancellationToken cancellation)
    {
        if (_channel is { IsOpen: true } open)
        {
            return open;
        }

        await _connecting.WaitAsync(cancellation);
        try
        {
            if (_channel is { IsOpen: true } other)
            {
                return other;
            }

            await Close();
            // Not the client's own recovery: after it, nobody could tell which leases are still held.
            var factory = new ConnectionFactory { Uri = endpoint, AutomaticRecoveryEnabled = false, ClientProvidedName = $"Fury.Sdk {context.Service}" };
            _connection = await factory.CreateConnectionAsync(cancellation);
            return _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellation);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Ends when RabbitMQ has it safe.</summary>
    protected async ValueTask Publish(
        string exchange, string queue, DriverMessage message, IEnumerable<KeyValuePair<string, string>> more, CancellationToken cancellation)
    {
        var channel = await Connected(cancellation);
        var headers = message.Headers.Concat(more).ToDictionary(each => each.Key, object? (each) => Encoding.UTF8.GetBytes(each.Value));
        headers[IdHeader] = Encoding.UTF8.GetBytes(message.Id);
        var properties = new BasicProperties { Persistent = true, Headers = headers };
        await channel.BasicPublishAsync(exchange, queue, mandatory: exchange.Length == 0, properties, message.Body, cancellation);
    }

    protected string Now => Clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Those of RabbitMQ itself begin with <c>x-</c>, which ours never do.</summary>
    protected static Dictionary<string, string> Texts(IReadOnlyBasicProperties properties) => (properties.Headers ?? new Dictionary<string, object?>())
        .Where(each => each.Value is byte[] && !each.Key.StartsWith("x-", StringComparison.Ordinal))
        .ToDictionary(each => each.Key, each => Encoding.UTF8.GetString((byte[])each.Value!));

    private async Task Close()
    {
        var (channel, connection) = (_channel, _connection);
        (_channel, _connection) = (null, null);
        if (channel is not null)
        {
            await channel.DisposeAsync();
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>An exchange that looks at headers, so that a subscription may ask for some.</summary>
internal sealed class RabbitMqTopic(DriverContext context, Uri endpoint) : RabbitMqDriver(context, endpoint), ITopicDriver
{
    public override CapabilitySet Declared { get; } = CapabilitySet.Native(MessagingCapabilities.Filter);

    public override async ValueTask ProbeAsync(CancellationToken cancellation) => await Declare(await Connected(cancellation), Resource, cancellation);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        await Publish(Resource, "", message, [new(SentHeader, Now)], cancellation);
        return false;
    }

    internal static Task Declare(IChannel channel, string name, CancellationToken cancellation) =>
        channel.ExchangeDeclareAsync(name, ExchangeType.Headers, durable: true, cancellationToken: cancellation);
}
