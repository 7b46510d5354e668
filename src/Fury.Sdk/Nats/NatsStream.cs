using System.Globalization;
using System.Text;
using System.Text.Json;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.Streams;

namespace Fury.Sdk.Nats;

/// <summary>
/// A subject for each partition, in one stream of JetStream, whose numbers are the positions. Claims of groups are the last messages of subjects in another,
/// compared and swapped; they go by the clocks of the members.
/// </summary>
internal sealed class NatsStream(DriverContext context) : NatsDriver(context), IStreamDriver
{
    private const string KeyHeader = "Fury-Key";

    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250));

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(StreamCapabilities.Groups);

    private string Stream => $"FURY-S-{Resource}";

    private string Groups => $"FURY-G-{Resource}";

    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        await Make(new NatsStreamConfig(Stream, [Subject("*")], "limits"), cancellation);
        await Make(new NatsStreamConfig(Groups, [$"fury.g.{Resource}.*.*"], "limits", MaxMsgsPerSubject: 1), cancellation);
    }

    public ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation) => ValueTask.FromResult(Partitions.Names);

    public async ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation)
    {
        var headers = new Dictionary<string, string> { [KeyHeader] = Word(record.Key), [HeadersHeader] = Word(HeadersJson.Write(record.Headers)) };
        return Position(Good(await Publish(Subject(Partitions.For(record.Key)), headers, record.Body, cancellation)).Seq);
    }

    public ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation)
    {
        var from = Number(after);
        return Looks.FindAsync(() => Read(partition, from, max, cancellation), wait, Clock, cancellation);
    }

    public async ValueTask<PartitionClaim?> ClaimAsync(
        string group, string partition, string member, TimeSpan lease, CancellationToken cancellation)
    {
        var ends = Now + (long)lease.TotalMilliseconds;
        var claim = await Change(group, partition, there =>
            there is null ? new NatsClaim(member, 1, ends, 0)
            : there.Ends <= Now ? there with { Member = member, Generation = there.Generation + 1, Ends = ends }
            : there.Member == member ? there with { Ends = ends } : null, cancellation);
        return claim is null ? null : new PartitionClaim(claim.Generation, Position(claim.Checkpoint));
    }

    public async ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation) =>
        await Change(group, partition, there => there?.Member == member ? there with { Ends = 0 } : null, cancellation);

    public async ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation) => await Change(
            group,
            partition,
            there => there is not null && there.Generation == generation && there.Ends > Now
                ? there with { Checkpoint = Math.Max(there.Checkpoint, Number(position)) }
                : null,
            cancellation) is not null;

    /// <summary>One message after the other: which is the next of a partition, only its stream knows.</summary>
    private async ValueTask<IReadOnlyList<StreamRecord>> Read(string partition, long after, int max, CancellationToken cancellation)
    {
        List<StreamRecord> records = [];
        while (records.Count < max
            && await Stored(Stream, new NatsGet(NextBySubj: Subject(partition), Seq: after + 1), cancellation) is { } stored)
        {
            var headers = NatsFrame.Headers(Encoding.UTF8.GetString(stored.Hdrs ?? [])).Headers;
            records.Add(new StreamRecord(
                partition,
                Position(stored.Seq),
                Unword(headers[KeyHeader]),
                stored.Data ?? [],
                stored.Time,
                HeadersJson.Read(System.Buffers.Text.Base64Url.DecodeFromChars(headers[HeadersHeader]))));
            after = stored.Seq;
        }

        return records;
    }

    /// <summary>What became of a claim; null when the change says that nothing may be changed.</summary>
    private async ValueTask<NatsClaim?> Change(
        string group, string partition, Func<NatsClaim?, NatsClaim?> change, CancellationToken cancellation)
    {
        var subject = $"fury.g.{Resource}.{Word(group)}.{partition}";
        for (var swap = 1; swap <= SwapsMax; swap++)
        {
            var stored = await Stored(Groups, new NatsGet(subject), cancellation);
            var there = stored?.Data is { } data ? JsonSerializer.Deserialize(data, NatsJson.Default.NatsClaim) : null;
            var claim = change(there);
            if (claim is null || claim == there)
            {
                return claim;
            }

            var expected = new Dictionary<string, string> { [ExpectedHeader] = (stored?.Seq ?? 0).ToString(CultureInfo.InvariantCulture) };
            var answer = await Publish(subject, expected, JsonSerializer.SerializeToUtf8Bytes(claim, NatsJson.Default.NatsClaim), cancellation);
            if (answer.Error?.ErrCode != WrongSequence)
            {
                _ = Good(answer);
                return claim;
            }
        }

        throw Failure.Contended($"The claim of the partition '{partition}'", SwapsMax);
    }

    private static StreamPosition Position(long number) =>
        number == 0 ? StreamPosition.Earliest : new StreamPosition(number.ToString(CultureInfo.InvariantCulture));

    private static long Number(StreamPosition position) => string.IsNullOrEmpty(position.Value) ? 0
        : long.TryParse(position.Value, CultureInfo.InvariantCulture, out var number) ? number
        : throw Failure.Invalid($"The position '{position}' is none of this stream.");

    private long Now => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private string Subject(string partition) => $"fury.s.{Resource}.{partition}";
}
