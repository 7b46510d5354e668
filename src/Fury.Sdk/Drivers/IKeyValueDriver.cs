using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Drivers;

/// <param name="Value">The envelope, as it was written.</param>
/// <param name="Revision">The provider's own, or anything else that is another one after each write.</param>
public readonly record struct KvItem(KvKey Key, ReadOnlyMemory<byte> Value, string Revision);

/// <summary>What a write expects to find, compared by the provider together with the write.</summary>
public readonly record struct KvGuard
{
    private KvGuard(bool isAbsent, string? revision) => (IsAbsent, Revision) = (isAbsent, revision);

    public static KvGuard None => default;

    public static KvGuard Absent => new(true, null);

    public bool IsAbsent { get; }

    public string? Revision { get; }

    public bool IsNone => !IsAbsent && Revision is null;

    public static KvGuard At(string revision) => new(false, revision);

    public bool Allows(string? current) => IsNone || (IsAbsent ? current is null : Revision == current);
}

public enum KvStepKind
{
    Put = 0,
    Delete = 1,
    Check = 2,
}

/// <summary>One write.</summary>
/// <param name="ExpiresAt">The provider may drop it from then on, never before. That it is seen no more is the portable layer's to see to.</param>
public readonly record struct KvStep(KvStepKind Kind, KvKey Key, ReadOnlyMemory<byte> Value, KvGuard Guard, DateTimeOffset? ExpiresAt);

/// <param name="Applied">False when the guard did not allow it; for a delete without a guard, when there was nothing.</param>
/// <param name="Revision">Of what was put.</param>
public readonly record struct KvWritten(bool Applied, string? Revision);

/// <param name="Next">Where the next page begins; null when there is none.</param>
public readonly record struct KvKeyPage(IReadOnlyList<KvKey> Keys, string? Next);

/// <summary>Values by partition and sort part ("" where there is none). The values are envelopes, which the driver does not look into.</summary>
public interface IKeyValueDriver : IDriver
{
    ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation);

    ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation);

    /// <summary>All or none, in one partition. Null when a guard did not allow it; else the revisions of what was put.</summary>
    ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>At most so many whose sort part begins with the prefix and comes after the given one (null: all), by the bytes of UTF-8.</summary>
    ValueTask<IReadOnlyList<KvItem>> ScanAsync(string partition, string prefix, string? after, int limit, CancellationToken cancellation) =>
        throw new NotSupportedException();

    /// <summary>
    /// All keys of the store, for who goes over the whole of it: in the provider's own order, from where a page ended (null: from the start). What is
    /// there all the while comes at least once; of what comes and goes meanwhile nothing is promised. About so many at once.
    /// </summary>
    ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>In the order of the keys.</summary>
    async ValueTask<IReadOnlyList<KvItem?>> GetManyAsync(
        IReadOnlyList<KvKey> keys, ReadConsistency consistency, CancellationToken cancellation)
    {
        var items = new KvItem?[keys.Count];
        for (var index = 0; index < items.Length; index++)
        {
            items[index] = await GetAsync(keys[index], consistency, cancellation);
        }

        return items;
    }
}
