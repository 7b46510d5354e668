using System.Diagnostics;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

/// <summary>
/// Leases messages from one side of a queue. What was delivered too often is put aside, what has expired is dropped, and a switch of the provider
/// while it waits goes on with the new one.
/// </summary>
/// <param name="large">Where large bodies are kept; null: nowhere.</param>
internal sealed class QueueReceiver(ServiceChannel<IQueueDriver> channel, QueueSide side, QueueOptions queue, ClaimCheck? large)
{
    private static readonly Operation Receive = new("receive", Effect.Read, ActivityKind.Consumer);
    private static readonly Operation Drop = new("complete", Effect.Idempotent, ActivityKind.Consumer);
    private static readonly TimeSpan BlockedDelay = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<ReceivedMessage>> Next(ReceiveOptions options, CancellationToken cancellation)
    {
        MessageChecks.Receive(options);
        var deadline = channel.Clock.GetUtcNow() + options.Wait;
        while (true)
        {
            var left = deadline - channel.Clock.GetUtcNow();
            var messages = await Once(options, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
            if (messages.Count > 0 || channel.Clock.GetUtcNow() >= deadline)
            {
                return messages;
            }
        }
    }

    private async Task<List<ReceivedMessage>> Once(ReceiveOptions options, TimeSpan wait, CancellationToken cancellation)
    {
        var generation = channel.Enter();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, generation.Retiring);
            var deliveries = await channel.InvokeOn(
                generation,
                Receive,
                null,
                (Side: side, options.MaxMessages, options.Lease, wait),
                static (driver, _, state, stop) => driver.ReceiveAsync(state.Side, state.MaxMessages, state.Lease, state.wait, stop),
                either.Token,
                wait);
            return await Given(generation, deliveries, cancellation);
        }
        catch (OperationCanceledException) when (generation.Retiring.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return [];
        }
        catch (FuryException stale) when (stale is { Code: FuryErrorCode.StaleBinding, OutcomeUnknown: false })
        {
            // Nothing was received by it; the new binding is about to come.
            if (await channel.IsRebound(generation, ServiceChannel.ReboundWait, cancellation))
            {
                return [];
            }

            throw;
        }
        finally
        {
            generation.Exit();
        }
    }

    private async Task<List<ReceivedMessage>> Given(
        Generation<IQueueDriver> generation, IReadOnlyList<DriverDelivery> deliveries, CancellationToken cancellation)
    {
        List<ReceivedMessage> given = [];
        FuryException? failure = null;
        var begun = 0;
        try
        {
            foreach (var delivery in deliveries)
            {
                begun++;
                try
                {
                    if (!await IsSettledHere(generation, delivery, cancellation)
                        && await Whole(generation, delivery, cancellation) is { } whole && generation.TryEnter())
                    {
                        given.Add(new PortableMessage(channel, generation, side, whole, large));
                    }
                }
                catch (FuryException unread) when (ClaimCheck.KeyOf(delivery.Message) is not null)
                {
                    // It is given again when its lease is over; the others are as good as ever.
                    failure = unread;
                }
            }
        }
        catch
        {
            // Nobody gets them any more, nor the one that was being read and those after it, so others should, and what they hold should end.
            foreach (var delivery in deliveries.Skip(begun - 1).Where(_ => generation.TryEnter()))
            {
                given.Add(new PortableMessage(channel, generation, side, delivery, large));
            }

            foreach (var message in given)
            {
                await message.DisposeAsync();
            }

            throw;
        }

        return failure is null || given.Count > 0 ? given : throw failure;
    }

    /// <summary>The message with its body, wherever that is kept; null when it was put aside because the body is gone.</summary>
    private async ValueTask<DriverDelivery?> Whole(Generation<IQueueDriver> generation, DriverDelivery delivery, CancellationToken cancellation)
    {
        if (ClaimCheck.KeyOf(delivery.Message) is not { } key)
        {
            return delivery;
        }

        if (large is null)
        {
            throw Failure.Invalid(
                $"The body of the message '{delivery.Message.Id}' is in a bucket; right is to name it by QueueOptions.LargeBodies of '{channel.Service}'.");
        }

        if (await large.Read(key, cancellation) is { } body)
        {
            return delivery with { Message = delivery.Message with { Body = body } };
        }

        if (side == QueueSide.DeadLetters)
        {
            // Without it, so that it can be looked at and removed.
            return delivery;
        }

        await Settle(
            generation, (driver, stop) => driver.DeadLetterAsync(delivery.Token, "its body is not in the bucket any more", stop), cancellation);
        return null;
    }

    /// <summary>Whether a message is not for the application any more.</summary>
    private async ValueTask<bool> IsSettledHere(Generation<IQueueDriver> generation, DriverDelivery delivery, CancellationToken cancellation)
    {
        if (MessageEnvelope.IsExpired(delivery.Message, channel.Clock.GetUtcNow()))
        {
            await Settle(generation, (driver, stop) => driver.CompleteAsync(side, delivery.Token, stop), cancellation);
            await (large is not null && ClaimCheck.KeyOf(delivery.Message) is { } key ? large.Done(key) : Task.CompletedTask);
            return true;
        }

        if (side == QueueSide.DeadLetters || delivery.DeliveryCount <= queue.MaxDeliveries)
        {
            return false;
        }

        var blocks = queue.OnPoison == OrderedPoison.BlockKey && delivery.Message.OrderingKey is not null;
        await Settle(
            generation,
            (driver, stop) => blocks
                ? driver.AbandonAsync(side, delivery.Token, BlockedDelay, stop)
                : driver.DeadLetterAsync(delivery.Token, $"delivered {queue.MaxDeliveries} times in vain", stop),
            cancellation);
        return true;
    }

    private async Task Settle(
        Generation<IQueueDriver> generation, Func<IQueueDriver, CancellationToken, ValueTask> settle, CancellationToken cancellation) =>
        await channel.InvokeOn(
            generation,
            Drop,
            null,
            settle,
            static async (driver, _, each, stop) =>
            {
                await each(driver, stop);
                return true;
            },
            cancellation);
}
