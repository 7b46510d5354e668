using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Gateway;

/// <summary>A key-value store behind the gateway.</summary>
internal sealed class GatewayKeyValue(GatewayLine line) : GatewayDriver(line), IKeyValueDriver
{
    public ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation) => Line.Ask(
        "get", KvWire.Key(new WireWriter(), key).Number((long)consistency), KvWire.ItemOrNull, cancellation);

    public async ValueTask<IReadOnlyList<KvItem?>> GetManyAsync(
        IReadOnlyList<KvKey> keys, ReadConsistency consistency, CancellationToken cancellation) => await Line.Ask(
        "get-many",
        new WireWriter().List(keys, static (to, key) => KvWire.Key(to, key)).Number((long)consistency),
        static from => from.List(KvWire.ItemOrNull),
        cancellation);

    public ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation) => Line.Ask(
        "write", KvWire.Step(new WireWriter(), step), static from => new KvWritten(from.Yes(), from.TextOrNull()), cancellation);

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation) => await Line.Ask(
        "transact",
        new WireWriter().List(steps, static (to, step) => KvWire.Step(to, step)),
        static from => from.Yes() ? from.List(static each => each.TextOrNull()) : null,
        cancellation);

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation) => await Line.Ask(
        "scan",
        new WireWriter().Text(partition).Text(prefix).Text(after).Number(limit),
        static from => from.List(KvWire.Item),
        cancellation);

    public ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation) => Line.Ask(
        "keys", new WireWriter().Text(from).Number(limit), static reader => new KvKeyPage(reader.List(KvWire.Key), reader.TextOrNull()), cancellation);
}

/// <summary>Keys, items and writes of key-value stores in frames.</summary>
internal static class KvWire
{
    public static WireWriter Key(WireWriter to, KvKey key) => to.Text(key.Partition).Text(key.Sort);

    public static KvKey Key(WireReader from) => new(from.Text(), from.TextOrNull());

    public static WireWriter Item(WireWriter to, KvItem item) => Key(to, item.Key).Bytes(item.Value).Text(item.Revision);

    public static KvItem Item(WireReader from) => new(Key(from), from.Bytes(), from.Text());

    public static WireWriter ItemOrNull(WireWriter to, KvItem? item) => item is { } there ? Item(to.Yes(true), there) : to.Yes(false);

    public static KvItem? ItemOrNull(WireReader from) => from.Yes() ? Item(from) : null;

    public static WireWriter Step(WireWriter to, KvStep step) => Key(to.Number((long)step.Kind), step.Key)
        .Bytes(step.Value)
        .Yes(step.Guard.IsAbsent)
        .Text(step.Guard.Revision)
        .Time(step.ExpiresAt);

    public static KvStep Step(WireReader from) => new(from.Choice<KvStepKind>(), Key(from), from.Bytes(), Guard(from), from.TimeOrNull());

    private static KvGuard Guard(WireReader from) => (from.Yes(), from.TextOrNull()) switch
    {
        (true, _) => KvGuard.Absent,
        (_, { } revision) => KvGuard.At(revision),
        _ => KvGuard.None,
    };
}
