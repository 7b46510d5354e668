using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

internal sealed class PortableDeadLetters(ServiceChannel<IQueueDriver> channel, QueueReceiver receiver) : DeadLetterQueue
{
    private const int BatchMax = 10;

    public override Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default) =>
        receiver.Next(options ?? new ReceiveOptions(), cancellationToken);

    public override async Task<long> RedriveAsync(Func<ReceivedMessage, bool>? where = null, CancellationToken cancellationToken = default)
    {
        channel.Require(MessagingCapabilities.Redrive, "Redriving");
        var options = new ReceiveOptions { MaxMessages = BatchMax, Wait = TimeSpan.Zero };
        var redriven = 0L;
        List<ReceivedMessage> kept = [];
        try
        {
            // What stays is held until the end, so that each is looked at once.
            while (await receiver.Next(options, cancellationToken) is { Count: > 0 } messages)
            {
                foreach (var message in messages.Cast<PortableMessage>())
                {
                    if (where?.Invoke(message) ?? true)
                    {
                        await message.RedriveAsync(cancellationToken);
                        redriven++;
                    }
                    else
                    {
                        kept.Add(message);
                    }
                }
            }
        }
        finally
        {
            foreach (var message in kept)
            {
                await message.DisposeAsync();
            }
        }

        return redriven;
    }
}
