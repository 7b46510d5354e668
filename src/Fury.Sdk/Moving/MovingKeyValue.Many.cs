using Fury.Sdk.Bindings;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

internal sealed partial class MovingKeyValue
{
    public async ValueTask<IReadOnlyList<KvItem?>> GetManyAsync(
        IReadOnlyList<KvKey> keys, ReadConsistency consistency, CancellationToken cancellation)
    {
        List<MovingKey> found = [.. keys.Select(_ => new MovingKey())];
        // First the source and then the target, as for one key; who is to be looked at is the same decision.
        await LookAt(HandOffMove.LookAtSource, _pair.Source, (at, record) => at.Source = record);
        await LookAt(HandOffMove.LookAtTarget, _pair.Target, (at, record) => at.Target = record);
        return [.. keys.Select((key, index) => Shown(key, Next(found[index]), found[index]))];

        HandOffMove Next(MovingKey at) => HandOff.Next(phase, HandOffAim.Read, at.Seen);

        async ValueTask LookAt(HandOffMove move, MovingStore store, Action<MovingKey, MovingRecord> set)
        {
            List<int> asked = [.. Enumerable.Range(0, keys.Count).Where(index => Next(found[index]) == move)];
            if (asked.Count > 0)
            {
                var items = await store.Ask(
                    driver => driver.GetManyAsync([.. asked.Select(index => keys[index])], ReadConsistency.Strong, cancellation),
                    isWrite: false,
                    cancellation);
                foreach (var (place, index) in asked.Index())
                {
                    set(found[index], MovingRecord.Of(items[place]));
                }
            }
        }
    }

    /// <summary>Brings all keys into one store, and is a transaction there.</summary>
    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        List<MovingKey> keys = [.. steps.Select(_ => new MovingKey())];
        for (var lost = 0; ;)
        {
            var (move, key) = HandOff.Next(phase, [.. keys.Select(each => each.Seen)]);
            if (move is not (HandOffMove.ActOnSource or HandOffMove.ActOnTarget))
            {
                if (!await _pair.Do(move, steps[key].Key, keys[key], cancellation))
                {
                    Lost(++lost);
                }

                continue;
            }

            List<MovingRecord> there = [.. keys.Select(each => Acted(move, each))];
            if (steps.Index().Any(each => !Allows(each.Item.Guard, there[each.Index], keys[each.Index])))
            {
                return null;
            }

            List<KvStep> compared = [.. steps.Select((step, index) => Compared(step, there[index]))];
            var store = move == HandOffMove.ActOnSource ? _pair.Source : _pair.Target;
            if (await store.Ask(driver => driver.TransactAsync(compared, cancellation), isWrite: true, cancellation) is not null)
            {
                return
                [
                    .. steps.Select((step, index) => step.Kind == KvStepKind.Put
                        ? KvRevisions.OfMoving(KvEnvelope.Read(step.Value.Span).WriteId, null)
                        : null),
                ];
            }

            Lost(++lost);
            keys.ForEach(each => each.Forget());
        }
    }

    /// <summary>
    /// A page of the source and one of the target, as far as both go. Each key is there once, also where it is nothing any more, so that the page is as
    /// long as it was asked for unless there are no more.
    /// </summary>
    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var inSource = phase == MovePhase.Settling ? [] : await Page(_pair.Source);
        var inTarget = await Page(_pair.Target);
        List<string> ends = [.. new[] { inSource, inTarget }.Where(page => page.Count == limit).Select(page => SortOf(page[^1]))];
        var end = ends.Order(Utf8Order.Instance).FirstOrDefault();
        Dictionary<string, MovingKey> keys = [];
        foreach (var item in inSource)
        {
            At(item).Source = MovingRecord.Of(item);
        }

        foreach (var item in inTarget)
        {
            At(item).Target = MovingRecord.Of(item);
        }

        List<KvItem> items = [];
        foreach (var sort in keys.Keys.Where(sort => end is null || Utf8Order.Instance.Compare(sort, end) <= 0).Order(Utf8Order.Instance).Take(limit))
        {
            var (key, at) = (new KvKey(partition, sort.Length == 0 ? null : sort), keys[sort]);
            if (phase != MovePhase.Settling)
            {
                at.Source ??= default(MovingRecord);
            }

            at.Target ??= default(MovingRecord);
            var move = HandOff.Next(phase, HandOffAim.Read, at.Seen);
            items.Add(Shown(key, move, at) ?? new KvItem(key, default(MovingRecord).Tombstone(), ""));
        }

        return items;

        MovingKey At(KvItem item) => keys.TryGetValue(SortOf(item), out var at) ? at : keys[SortOf(item)] = new MovingKey();

        ValueTask<IReadOnlyList<KvItem>> Page(MovingStore store) =>
            store.Ask(driver => driver.ScanAsync(partition, prefix, after, limit, cancellation), isWrite: false, cancellation);

        static string SortOf(KvItem item) => item.Key.Sort ?? "";
    }

    /// <summary>The step over what was seen: all of them compare, so that no key moves on in between.</summary>
    private static KvStep Compared(KvStep step, MovingRecord there) => step.Kind switch
    {
        KvStepKind.Put => new KvStep(KvStepKind.Put, step.Key, there.Next(step.Value), there.Guard, null),
        KvStepKind.Delete when there.HasValue => new KvStep(KvStepKind.Put, step.Key, there.Tombstone(), there.Guard, null),
        _ => new KvStep(KvStepKind.Check, step.Key, default, there.Guard, null),
    };
}
