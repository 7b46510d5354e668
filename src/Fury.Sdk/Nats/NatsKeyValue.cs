using System.Globalization;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Nats;

/// <summary>
/// A stream that keeps the last message of each subject, one for each key; its sequence number is the revision. NATS drops nothing by itself: what has
/// expired is there until it is overwritten or deleted.
/// </summary>
internal sealed class NatsKeyValue(DriverContext context) : NatsDriver(context), IKeyValueDriver
{
    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        KeyValueCapabilities.Cas, KeyValueCapabilities.TimeToLive, KeyValueCapabilities.StrongRead, KeyValueCapabilities.PrefixScan);

    private string Stream => $"FURY-KV-{Resource}";

    public override ValueTask ProbeAsync(CancellationToken cancellation) =>
        Make(new NatsStreamConfig(Stream, [$"fury.kv.{Resource}.>"], "limits", MaxMsgsPerSubject: 1), cancellation);

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation) =>
        await Last(key, cancellation) is { } found
            ? new KvItem(key, found.Data ?? [], found.Seq.ToString(CultureInfo.InvariantCulture))
            : null;

    public ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation) => step.Kind switch
    {
        KvStepKind.Put => Put(step, cancellation),
        KvStepKind.Delete => Delete(step, cancellation),
        _ => throw new NotSupportedException(),
    };

    /// <summary>JetStream names all keys of the partition for each page, in no order, and then each entry is asked for.</summary>
    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var begin = Subject(new KvKey(partition, ""));
        var (subjects, _) = await Subjects(Stream, begin[..(begin.LastIndexOf('.') + 1)] + "*", cancellation);
        var sorts = subjects.Select(each => Unword(each.AsSpan(begin.Length)))
            .Where(sort => sort.StartsWith(prefix, StringComparison.Ordinal) && (after is null || Utf8Order.Instance.Compare(sort, after) > 0))
            .Order(Utf8Order.Instance);
        List<KvItem> items = [];
        foreach (var sort in sorts.TakeWhile(_ => items.Count < limit))
        {
            if (await GetAsync(new KvKey(partition, sort.Length == 0 ? null : sort), ReadConsistency.Strong, cancellation) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private async ValueTask<KvWritten> Put(KvStep step, CancellationToken cancellation)
    {
        // No message has the number 0, so it stands for none.
        var headers = step.Guard.IsNone ? null : new Dictionary<string, string>
        {
            [ExpectedHeader] = step.Guard.IsAbsent ? "0" : Number(step.Guard).ToString(CultureInfo.InvariantCulture),
        };
        if (step.Guard.Revision is not null && Number(step.Guard) == 0)
        {
            return new KvWritten(false, null);
        }

        var answer = await Publish(Subject(step.Key), headers, step.Value, cancellation);
        return answer.Error?.ErrCode == WrongSequence
            ? new KvWritten(false, null)
            : new KvWritten(true, Good(answer).Seq.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A message is removed by its number, which it has only as long as it is the last of its key.</summary>
    private async ValueTask<KvWritten> Delete(KvStep step, CancellationToken cancellation)
    {
        for (var swap = 1; swap <= SwapsMax; swap++)
        {
            var found = await Last(step.Key, cancellation);
            if (found is null || !step.Guard.Allows(found.Seq.ToString(CultureInfo.InvariantCulture)))
            {
                return new KvWritten(found is null && step.Guard.IsAbsent, null);
            }

            if (await Remove(found.Seq, cancellation))
            {
                return new KvWritten(true, null);
            }
        }

        throw Failure.Contended($"The key '{step.Key}'", SwapsMax);
    }

    private async ValueTask<bool> Remove(long number, CancellationToken cancellation)
    {
        var answer = await Call($"STREAM.MSG.DELETE.{Stream}", new NatsRemove(number), NatsJson.Default.NatsRemove, cancellation);
        return answer.Error?.ErrCode is not (10043 or 10057 or NoMessage) && Good(answer) is not null;
    }

    private ValueTask<NatsStored?> Last(KvKey key, CancellationToken cancellation) => Stored(Stream, new NatsGet(Subject(key)), cancellation);

    private static long Number(KvGuard guard) => long.TryParse(guard.Revision, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private string Subject(KvKey key) => $"fury.kv.{Resource}.p{Word(key.Partition)}.s{Word(key.Sort ?? "")}";
}
