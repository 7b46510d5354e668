using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>
/// A store to which data has moved. Its revisions have a beginning of their own: an application may still hold one of the store that was before, which
/// may well look like one of this store, and must not match.
/// </summary>
internal sealed class RenamedRevisions(string begin, IKeyValueDriver driver) : IKeyValueDriver
{
    private readonly string _begin = begin + ".";

    public string Provider => driver.Provider;

    public CapabilitySet Declared => driver.Declared;

    public bool EndsAtOnce => driver.EndsAtOnce;

    public object? Native => driver.Native;

    public FuryException Translate(Exception error) => driver.Translate(error);

    public ValueTask ProbeAsync(CancellationToken cancellation) => driver.ProbeAsync(cancellation);

    public ValueTask DisposeAsync() => driver.DisposeAsync();

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation) =>
        await driver.GetAsync(key, consistency, cancellation) is { } item ? Shown(item) : null;

    public async ValueTask<IReadOnlyList<KvItem?>> GetManyAsync(
        IReadOnlyList<KvKey> keys, ReadConsistency consistency, CancellationToken cancellation) =>
        [.. (await driver.GetManyAsync(keys, consistency, cancellation)).Select(item => item is { } there ? Shown(there) : (KvItem?)null)];

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation) =>
        Own(step) is { } own && await driver.WriteAsync(own, cancellation) is { Applied: true } written
            ? written with { Revision = Shown(written.Revision) }
            : new KvWritten(false, null);

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        List<KvStep> own = [.. steps.Select(Own).OfType<KvStep>()];
        return own.Count == steps.Count && await driver.TransactAsync(own, cancellation) is { } revisions ? [.. revisions.Select(Shown)] : null;
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation) =>
        [.. (await driver.ScanAsync(partition, prefix, after, limit, cancellation)).Select(Shown)];

    public ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation) => driver.KeysAsync(from, limit, cancellation);

    private KvItem Shown(KvItem item) => item with { Revision = _begin + item.Revision };

    private string? Shown(string? revision) => revision is null ? null : _begin + revision;

    /// <summary>As the driver knows it; null when it compares with what cannot be here.</summary>
    private KvStep? Own(KvStep step) =>
        step.Guard.Revision is not { } revision ? step
        : revision.StartsWith(_begin, StringComparison.Ordinal) ? step with { Guard = KvGuard.At(revision[_begin.Length..]) }
        : null;
}
