using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Nats;

/// <summary>
/// Subscriptions are the subjects of a stream, which keeps the last filter of each; a message is put into the queue of each that wants it. One after the
/// other: when that breaks off, some have it, and whoever publishes it again under its deduplication id gives it to the others alone.
/// </summary>
internal sealed class NatsTopic(DriverContext context) : NatsDriver(context), ITopicDriver
{
    private volatile Known _known = new(-1, []);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(MessagingCapabilities.Deduplication, MessagingCapabilities.Filter);

    public static string StreamOf(string escaped) => $"FURY-T-{escaped}";

    public static string SubjectOf(string escaped, string queue) => $"fury.t.{escaped}.{queue}";

    public static NatsStreamConfig ConfigOf(string escaped) => new(StreamOf(escaped), [SubjectOf(escaped, "*")], "limits", MaxMsgsPerSubject: 1);

    public override ValueTask ProbeAsync(CancellationToken cancellation) => Make(ConfigOf(Resource), cancellation);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation)
    {
        var headers = NatsQueue.Headers(message, Clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        var (given, known) = (0, 0);
        foreach (var (queue, filter) in await Subscriptions(cancellation))
        {
            if (!MessageEnvelope.Matches(message, filter))
            {
                continue;
            }

            try
            {
                var answer = Good(await Publish(NatsQueue.SubjectOf(queue), headers, message.Body, cancellation));
                given++;
                known += answer.Duplicate ? 1 : 0;
            }
            catch (FuryException failure) when (given > 0 && !failure.OutcomeUnknown)
            {
                // Others have it already.
                throw new FuryException(failure.Code, failure.Message, failure)
                {
                    IsTransient = failure.IsTransient,
                    OutcomeUnknown = true,
                    ProviderCode = failure.ProviderCode,
                };
            }
        }

        return given > 0 && known == given;
    }

    /// <summary>By the escaped names of their queues, with what each wants. Read again when the stream has another last message.</summary>
    private async ValueTask<IReadOnlyList<(string Queue, IReadOnlyDictionary<string, string> Filter)>> Subscriptions(CancellationToken cancellation)
    {
        var (subjects, last) = await Subjects(StreamOf(Resource), SubjectOf(Resource, "*"), cancellation);
        if (_known is { } known && known.Last == last && known.Subscriptions.Count == subjects.Count)
        {
            return known.Subscriptions;
        }

        List<(string, IReadOnlyDictionary<string, string>)> subscriptions = [];
        foreach (var subject in subjects)
        {
            if (await Stored(StreamOf(Resource), new NatsGet(subject), cancellation) is { } stored)
            {
                subscriptions.Add((subject[(subject.LastIndexOf('.') + 1)..], HeadersJson.Read(stored.Data ?? "{}"u8)));
            }
        }

        _known = new Known(last, subscriptions);
        return subscriptions;
    }

    private sealed record Known(long Last, IReadOnlyList<(string Queue, IReadOnlyDictionary<string, string> Filter)> Subscriptions);
}
