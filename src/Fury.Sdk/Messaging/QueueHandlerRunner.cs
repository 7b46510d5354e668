using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Messaging;

/// <summary>Hands the messages of a queue to a handler: so many at once, renewing leases, backing off after failures.</summary>
/// <param name="inbox">Remembers what was handled; null: nobody does.</param>
internal sealed class QueueHandlerRunner<T>(
    MessageQueue queue, KeyValueStore? inbox, JsonTypeInfo<T> json, Func<IMessageHandler<T>> handler, QueueHandlerOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <summary>Until it is told to stop; then what is being handled may go on for the drain time.</summary>
    public async Task Run(CancellationToken stop)
    {
        using var abort = new CancellationTokenSource();
        using var free = new SemaphoreSlim(options.MaxConcurrency);
        var running = new HashSet<Task>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(stop);
                free.Release();
                var wanted = Math.Min(free.CurrentCount, 10);
                foreach (var message in await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = wanted, Lease = options.Lease }, stop))
                {
                    await free.WaitAsync(CancellationToken.None);
                    running.RemoveWhere(task => task.IsCompleted);
                    running.Add(HandleAndFree(message, free, abort.Token));
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (FuryException)
            {
                // The provider is away; the channel has told telemetry.
                await Task.Delay(AfterTrouble, clock, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }

        var all = Task.WhenAll(running);
        try
        {
            await all.WaitAsync(options.DrainTimeout, clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await abort.CancelAsync();
            await all;
        }
    }

    private async Task HandleAndFree(ReceivedMessage message, SemaphoreSlim free, CancellationToken abort)
    {
        try
        {
            await using (message)
            {
                await HandleOne(message, abort);
            }
        }
        catch (Exception error) when (error is FuryException or OperationCanceledException)
        {
            // It could not be settled; it is given again when its lease is over.
        }
        finally
        {
            free.Release();
        }
    }

    private async Task HandleOne(ReceivedMessage message, CancellationToken abort)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(abort, message.LeaseLost);
        using var overdue = clock.CreateTimer(_ => stop.Cancel(), null, options.MaxHandlingTime, Timeout.InfiniteTimeSpan);
        var third = options.Lease / 3;
        using var renewal = clock.CreateTimer(_ => _ = Renew(message, stop.Token), null, third, third);
        if (inbox is not null && await inbox.GetAsync(InboxKey(message), cancellationToken: stop.Token) is not null)
        {
            await message.CompleteAsync(CancellationToken.None);
            return;
        }

        var outcome = await Outcome(message, stop.Token);
        switch (outcome)
        {
            case HandleOutcome.Complete:
                if (inbox is not null)
                {
                    await inbox.SetAsync(InboxKey(message), default, new KvWriteOptions { TimeToLive = Remembered }, CancellationToken.None);
                }

                await message.CompleteAsync(CancellationToken.None);
                break;
            case HandleOutcome.DeadLetter:
                await message.DeadLetterAsync("the handler said so", CancellationToken.None);
                break;
            default:
                await message.AbandonAsync(Backoff(message.DeliveryCount), CancellationToken.None);
                break;
        }
    }

    private async Task<HandleOutcome> Outcome(ReceivedMessage message, CancellationToken stop)
    {
        T body;
        try
        {
            body = Json.Read(message.Body.Span, json, $"The message '{message.Id}'");
        }
        catch (FuryException)
        {
            // It will not be another the next time.
            return HandleOutcome.DeadLetter;
        }

        try
        {
            var context = new MessageContext(
                queue.Name, message.Id, message.DeliveryCount, message.OrderingKey, message.EnqueuedAt, message.Attributes);
            return await handler().HandleAsync(body, context, stop);
        }
        catch (Exception)
        {
            // Whatever a handler throws, its message is tried again, and the others go on.
            return HandleOutcome.Retry;
        }
    }

    private async Task Renew(ReceivedMessage message, CancellationToken stop)
    {
        try
        {
            await message.RenewAsync(options.Lease, stop);
        }
        catch (Exception error) when (error is FuryException or OperationCanceledException)
        {
            // The message tells by LeaseLost when it is over.
        }
    }

    private TimeSpan Backoff(int deliveries) => TimeSpan.FromTicks(
        (long)Math.Min(options.MinBackoff.Ticks * Math.Pow(2, Math.Min(deliveries - 1, 30)), options.MaxBackoff.Ticks));

    private KvKey InboxKey(ReceivedMessage message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"inbox/{queue.Name}/{message.Id}"));
}
