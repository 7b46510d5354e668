using System.Globalization;
using Fury.Sdk.KeyValue;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Models;

/// <summary>Random sequences of operations beside a dictionary. The seed is in the failure, so that it can be run again.</summary>
internal static class KeyValueModel
{
    private const int Sequences = 40;
    private const int Steps = 30;

    public static IEnumerable<ConformanceTest> Tests =>
    [
        new ConformanceTest(
            "model: a key-value store is a dictionary with revisions", ServiceKind.KeyValue, ConformanceLevel.Models,
            [KeyValueCapabilities.Cas, KeyValueCapabilities.PrefixScan], async run =>
            {
                var store = await run.KeyValue();
                for (var seed = 1; seed <= run.Share(Sequences); seed++)
                {
                    await One(store, seed);
                }
            }),
    ];

    private static async Task One(KeyValueStore store, int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, (string Value, ETag Tag)>(StringComparer.Ordinal);
        ETag stale = new("0");
        List<string> log = [];
        for (var step = 0; step < Steps; step++)
        {
            var sort = random.Next(4).ToString(CultureInfo.InvariantCulture);
            var key = new KvKey($"p{seed}", sort);
            var value = $"{random.Next(100)}";
            var known = model.TryGetValue(sort, out var there);
            var kind = random.Next(8);
            log.Add($"{kind} {sort} {value}");
            try
            {
                switch (kind)
                {
                    case 0:
                        model[sort] = (value, await store.SetAsync(key, Bytes(value)));
                        break;
                    case 1:
                        var created = await store.TrySetAsync(key, Bytes(value), If(WriteCondition.IfAbsent));
                        Equal(!known, created.Applied);
                        Keep(created);
                        break;
                    case 2:
                        var swapped = await store.TrySetAsync(key, Bytes(value), If(WriteCondition.IfMatch(known ? there.Tag : stale)));
                        Equal(known, swapped.Applied);
                        stale = known ? there.Tag : stale;
                        Keep(swapped);
                        break;
                    case 3:
                        Equal(false, (await store.TrySetAsync(key, Bytes(value), If(WriteCondition.IfMatch(stale)))).Applied);
                        break;
                    case 4:
                        Equal(known, await store.DeleteAsync(key));
                        stale = known ? there.Tag : stale;
                        model.Remove(sort);
                        break;
                    case 5:
                        var sum = await store.IncrementAsync(key, 7);
                        Equal((known ? long.Parse(there.Value, CultureInfo.InvariantCulture) : 0) + 7, sum);
                        stale = known ? there.Tag : stale;
                        model[sort] = ($"{sum}", NotNull(await store.GetAsync(key)).ETag);
                        break;
                    case 6:
                        var entries = await All(store.Scan(key.Partition));
                        Sequence(model.Select(each => $"{each.Key}={each.Value.Value}"), entries.Select(entry => $"{entry.Key.Sort}={Text(entry.Value)}"));
                        break;
                    default:
                        Equal(known ? (there.Value, there.Tag) : default, await store.GetAsync(key) is { } entry ? (Text(entry.Value), entry.ETag) : default);
                        break;
                }
            }
            catch (ConformanceException wrong)
            {
                throw new ConformanceException($"Seed {seed}, step {step}: {wrong.Message}\n{string.Join('\n', log)}");
            }

            void Keep(KvAttempt attempt)
            {
                if (attempt is { Applied: true, Current: { } tag })
                {
                    model[sort] = (value, tag);
                }
            }
        }
    }

    private static KvWriteOptions If(WriteCondition condition) => new() { Condition = condition };
}
