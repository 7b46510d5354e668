using System.Diagnostics;
using Fury.Sdk.Drivers;
using Fury.Sdk.Telemetry;

namespace Fury.Sdk.Messaging;

/// <summary>A leased message. It is settled on the generation that gave it, which lives until then.</summary>
internal sealed class PortableMessage : ReceivedMessage
{
    private static readonly Operation Complete = new("complete", Effect.Idempotent, ActivityKind.Consumer);
    private static readonly Operation Abandon = new("abandon", Effect.Idempotent, ActivityKind.Consumer);
    private static readonly Operation PutAside = new("dead-letter", Effect.Idempotent, ActivityKind.Consumer);
    private static readonly Operation Renew = new("renew", Effect.Idempotent, ActivityKind.Consumer);
    private static readonly Operation Redrive = new("redrive", Effect.Once, ActivityKind.Consumer);

    private readonly ServiceChannel<IQueueDriver> _channel;
    private readonly Generation<IQueueDriver> _generation;
    private readonly QueueSide _side;
    private readonly DriverDelivery _delivery;
    private readonly ClaimCheck? _large;
    private readonly CancellationTokenSource _lost;
    private readonly ITimer _timer;
    private DateTimeOffset _leaseEnd;
    private int _settled;

    /// <param name="large">Where its body is kept, if it is a large one.</param>
    public PortableMessage(
        ServiceChannel<IQueueDriver> channel, Generation<IQueueDriver> generation, QueueSide side, DriverDelivery delivery, ClaimCheck? large)
    {
        _large = large;
        (_channel, _generation, _side, _delivery, _leaseEnd) = (channel, generation, side, delivery, delivery.LeaseExpiresAt);
        _lost = new CancellationTokenSource();
        _timer = channel.Clock.CreateTimer(_ => Lose(), null, Left(), Timeout.InfiniteTimeSpan);
        Attributes = MessageEnvelope.AttributesOf(delivery.Message);
    }

    public override string Id => _delivery.Message.Id;

    public override string? Type => MessageEnvelope.TypeOf(_delivery.Message);

    public override string ContentType => MessageEnvelope.ContentTypeOf(_delivery.Message);

    public override ReadOnlyMemory<byte> Body => _delivery.Message.Body;

    public override string? OrderingKey => _delivery.Message.OrderingKey;

    public override string? CorrelationId => MessageEnvelope.CorrelationOf(_delivery.Message);

    public override IReadOnlyDictionary<string, string> Attributes { get; }

    public override int DeliveryCount => _delivery.DeliveryCount;

    public override DateTimeOffset EnqueuedAt => _delivery.EnqueuedAt;

    public override DateTimeOffset LeaseExpiresAt => _leaseEnd;

    public override string? DeadLetterReason => _delivery.DeadLetterReason;

    public override ActivityContext Trace => MessageEnvelope.TraceOf(_delivery.Message);

    public override CancellationToken LeaseLost => _lost.Token;

    public override async Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        await Settle(Complete, static (driver, side, token, _, stop) => driver.CompleteAsync(side, token, stop), TimeSpan.Zero, cancellationToken);
        if (_large is not null && ClaimCheck.KeyOf(_delivery.Message) is { } key)
        {
            await _large.Done(key);
        }
    }

    public override Task AbandonAsync(TimeSpan? visibleAfter = null, CancellationToken cancellationToken = default)
    {
        MessageChecks.Delay(visibleAfter);
        return Settle(
            Abandon,
            static (driver, side, token, delay, stop) => driver.AbandonAsync(side, token, delay, stop),
            visibleAfter ?? TimeSpan.Zero,
            cancellationToken);
    }

    public override Task DeadLetterAsync(string reason, CancellationToken cancellationToken = default)
    {
        Checks.Check.Key("reason", reason);
        return _side == QueueSide.DeadLetters
            ? throw Failure.Invalid("The message is in the dead letters already; complete, abandon or redrive it.")
            : Settle(PutAside, static (driver, _, token, why, stop) => driver.DeadLetterAsync(token, why, stop), reason, cancellationToken);
    }

    public override async Task RenewAsync(TimeSpan lease, CancellationToken cancellationToken = default)
    {
        MessageChecks.Lease(lease);
        _channel.Require(MessagingCapabilities.Renew, "Renewing a lease");
        MustBeOpen();
        _leaseEnd = await _channel.InvokeOn(
            _generation,
            Renew,
            null,
            (Side: _side, _delivery.Token, lease),
            static (driver, _, state, stop) => driver.RenewAsync(state.Side, state.Token, state.lease, stop),
            cancellationToken);
        _timer.Change(Left(), Timeout.InfiniteTimeSpan);
    }

    public Task RedriveAsync(CancellationToken cancellation) =>
        Settle(Redrive, static (driver, _, token, _, stop) => driver.RedriveAsync(token, stop), 0, cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _settled) != 0)
        {
            return;
        }

        try
        {
            await AbandonAsync();
        }
        catch (FuryException)
        {
            // Its lease ends anyhow, and then it is given again.
            End();
        }
    }

    private async Task Settle<TState>(
        Operation operation, Func<IQueueDriver, QueueSide, string, TState, CancellationToken, ValueTask> settle, TState state,
        CancellationToken cancellation)
    {
        MustBeOpen();
        await _channel.InvokeOn(
            _generation,
            operation,
            null,
            (Side: _side, _delivery.Token, settle, state),
            static async (driver, call, each, stop) =>
            {
                try
                {
                    await each.settle(driver, each.Side, each.Token, each.state, stop);
                }
                catch (FuryException gone) when (gone.Code == FuryErrorCode.LeaseLost && call.MayHaveWritten)
                {
                    // The answer of an earlier attempt was lost; the message is settled, by it or by nobody we could tell apart from it.
                    throw new FuryException(FuryErrorCode.LeaseLost, gone.Message, gone) { OutcomeUnknown = true };
                }

                return true;
            },
            cancellation);
        End();
    }

    private void MustBeOpen()
    {
        if (Volatile.Read(ref _settled) != 0)
        {
            throw Failure.Invalid($"The message '{Id}' is settled already; it can be settled once.");
        }
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _timer.Dispose();
            _generation.Exit();
        }
    }

    private void Lose()
    {
        if (Volatile.Read(ref _settled) == 0)
        {
            Instruments.LostLease(_channel.Service);
            _lost.Cancel();
        }
    }

    private TimeSpan Left() => _leaseEnd - _channel.Clock.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;
}
