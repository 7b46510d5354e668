using Fury.Sdk.Checks;

namespace Fury.Sdk.Objects;

internal sealed partial class PortableObjectBucket
{
    private const int DeletesMax = 1000;
    private const int DeletesAtOnce = 16;
    private const int LooksAtOnce = 16;

    private static readonly TimeSpan UrlLifeMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UrlLifeMax = TimeSpan.FromDays(7);

    public override async Task<bool> DeleteAsync(string key, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        Check.Key("key", key);
        if (condition.Rule == WriteRule.IfAbsent)
        {
            throw Failure.Invalid("Nothing can be deleted only if it is absent; IfMatch, IfPresent or no condition are right.");
        }

        Needs(condition);
        var deleted = await _channel.Invoke(
            condition.Rule == WriteRule.None ? Delete : DeleteIf,
            null,
            (key, condition.Rule == WriteRule.IfPresent ? default : condition),
            static (driver, _, state, stop) => driver.DeleteAsync(state.key, state.Item2, stop),
            cancellationToken);
        return deleted is { } done && (done || condition.Rule == WriteRule.None) ? done : throw Failure.Condition(condition, null);
    }

    public override async Task<IReadOnlyList<BatchItem<string, bool>>> DeleteManyAsync(
        IReadOnlyList<string> keys, CancellationToken cancellationToken = default)
    {
        Check.NotNull("keys", keys);
        Check.Between("The number of keys", keys.Count, 1, DeletesMax);
        foreach (var key in keys)
        {
            Check.Key("key", key);
        }

        var results = new BatchItem<string, bool>[keys.Count];
        await Parallel.ForAsync(
            0,
            keys.Count,
            new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
            async (index, stop) =>
            {
                try
                {
                    results[index] = new(keys[index], await DeleteAsync(keys[index], default, stop), null);
                }
                catch (FuryException failure)
                {
                    results[index] = new(keys[index], false, failure);
                }
            });
        return results;
    }

    public override async Task<ObjectProperties?> CopyAsync(
        string sourceKey, string targetKey, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        Check.Key("sourceKey", sourceKey);
        Check.Key("targetKey", targetKey);
        Needs(condition);
        if (condition.Rule == WriteRule.IfPresent)
        {
            throw Failure.Invalid("A copy is not conditioned on IfPresent; IfAbsent, IfMatch or no condition are right.");
        }

        if (await GetPropertiesAsync(sourceKey, null, cancellationToken) is not { } source)
        {
            return null;
        }

        var copied = await _channel.Invoke(
            condition.Rule == WriteRule.None ? Copy : CopyIf,
            null,
            (sourceKey, targetKey, condition),
            static (driver, _, state, stop) => driver.CopyAsync(state.sourceKey, state.targetKey, state.condition, stop),
            cancellationToken,
            ObjectParts.Time(source.Length));
        return copied.Applied ? ObjectEnvelope.Open(copied.Properties, targetKey, Now) : throw Failure.Condition(condition, null);
    }

    public override Paged<ObjectListItem> List(ObjectListOptions? options = null)
    {
        Check.Options(options);
        if (!string.IsNullOrEmpty(options?.Prefix))
        {
            Check.Key("Prefix", options.Prefix);
        }

        if (options?.StartAfter is not null)
        {
            Check.Key("StartAfter", options.StartAfter);
        }

        return new CursorPaged<ObjectListItem>((after, limit, stop) => Page(options, after, limit, stop));
    }

    public override async Task<AccessUrl> CreateAccessUrlAsync(
        string key, AccessUrlOptions options, CancellationToken cancellationToken = default)
    {
        Check.Key("key", key);
        Check.NotNull("options", options);
        Check.Between("Lifetime", options.Lifetime, UrlLifeMin, UrlLifeMax);
        _channel.Require(ObjectCapabilities.AccessUrl, "An access URL");
        return await _channel.Invoke(
            Sign,
            null,
            (key, options),
            static (driver, _, state, stop) => driver.CreateAccessUrlAsync(state.key, state.options, stop),
            cancellationToken);
    }

    private async Task<Slice<ObjectListItem>> Page(ObjectListOptions? options, string? after, int limit, CancellationToken cancellation)
    {
        var items = await _channel.Invoke(
            ListPage,
            options,
            (Prefix: options?.Prefix ?? "", options?.Delimiter, After: after ?? options?.StartAfter, limit),
            static (driver, _, state, stop) => driver.ListAsync(state.Prefix, state.Delimiter, state.After, state.limit, stop),
            cancellation);
        return new Slice<ObjectListItem>(await Shown(items, options, cancellation), items.Count < limit ? null : items[^1].Key);
    }

    /// <summary>Without what a move has left there in the place of objects.</summary>
    private async Task<IReadOnlyList<ObjectListItem>> Shown(IReadOnlyList<ObjectListItem> items, ObjectListOptions? options, CancellationToken cancellation)
    {
        List<int> suspects = [.. Enumerable.Range(0, items.Count).Where(at => !items[at].IsPrefix && items[at].Length == ObjectEnvelope.NothingSize)];
        var isNothing = new bool[items.Count];
        await Parallel.ForEachAsync(
            suspects,
            new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellation },
            async (at, stop) =>
                isNothing[at] = await _channel.Invoke(Head, options, items[at].Key, static (driver, _, name, stop) => driver.HeadAsync(name, stop), stop)
                    is { } stored && ObjectEnvelope.IsNothing(stored));
        return [.. items.Where((_, at) => !isNothing[at])];
    }
}
