using Fury.Sdk.Messaging;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Models;

/// <summary>Random sends and settlements: nothing is lost, nothing is given to two, keys stay in order.</summary>
internal static class QueueModel
{
    private const int Sequences = 20;
    private const int Steps = 30;

    public static IEnumerable<ConformanceTest> Tests =>
    [
        new ConformanceTest(
            "model: a queue with keys is a row of lines", ServiceKind.Queue, ConformanceLevel.Models, [MessagingCapabilities.OrderingKey], async run =>
            {
                for (var seed = 1; seed <= run.Share(Sequences); seed++)
                {
                    // A queue of its own each time.
                    var queue = await run.Open(ServiceKind.Queue, (fury, name) => fury.Queue(name), $"q{seed}", new QueueOptions { MaxDeliveries = 1000 });
                    await One(queue, seed);
                }
            }),
    ];

    private static async Task One(MessageQueue queue, int seed)
    {
        var random = new Random(seed);
        var lines = new Dictionary<string, List<string>>();
        List<ReceivedMessage> held = [];
        List<string> log = [];
        for (var step = 0; step < Steps; step++)
        {
            var kind = held.Count == 0 ? random.Next(3) : random.Next(6);
            log.Add($"{kind}");
            try
            {
                switch (kind)
                {
                    case 0 or 1:
                        var key = $"k{random.Next(3)}";
                        await queue.SendAsync(new OutgoingMessage(Bytes($"{step}")) { OrderingKey = key });
                        (lines.TryGetValue(key, out var line) ? line : lines[key] = []).Add($"{step}");
                        break;
                    case 2:
                        await Receive();
                        break;
                    case 3 or 4:
                        var done = held[random.Next(held.Count)];
                        held.Remove(done);
                        await done.CompleteAsync();
                        lines[done.OrderingKey!].RemoveAt(0);
                        break;
                    default:
                        var back = held[random.Next(held.Count)];
                        held.Remove(back);
                        await back.AbandonAsync();
                        break;
                }
            }
            catch (ConformanceException wrong)
            {
                throw new ConformanceException($"Seed {seed}, step {step}: {wrong.Message}\n{string.Join(' ', log)}");
            }
        }

        async Task Receive()
        {
            var free = lines.Where(each => each.Value.Count > 0 && held.TrueForAll(message => message.OrderingKey != each.Key)).ToList();
            var message = await One30(queue);
            Equal(free.Count > 0, message is not null);
            if (message is not null)
            {
                Equal(lines[message.OrderingKey!][0], Text(message.Body));
                True(held.TrueForAll(other => other.OrderingKey != message.OrderingKey));
                held.Add(message);
            }
        }
    }

    /// <summary>Leased for longer than the model runs, delivered as often as it wants.</summary>
    private static async Task<ReceivedMessage?> One30(MessageQueue queue) =>
        (await queue.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, Lease = TimeSpan.FromMinutes(30) })).SingleOrDefault();
}
