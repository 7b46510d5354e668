using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Objects;
using static Fury.Sdk.Tests.Mutants.Mutant;

namespace Fury.Sdk.Tests.Mutants;

/// <summary>Key-value stores and buckets that lie.</summary>
internal static class StoreMutants
{
    public static IEnumerable<Mutant> All =>
    [
        Writing("kv ignores if-absent", "kv: what is there is not created again", step => step.Guard.IsAbsent ? step with { Guard = KvGuard.None } : step),
        Writing("kv ignores if-match", "kv: a stale etag is refused", step => step.Guard.Revision is null ? step : step with { Guard = KvGuard.None }),
        Writing("kv loses what expires", "kv: it expires at its time and not before", step =>
            step.ExpiresAt is null ? step : step with { Kind = KvStepKind.Check }),
        Writing("kv cuts large values", "kv: the largest value is kept whole", step =>
            step.Value.Length > 100_000 ? step with { Value = step.Value[..100_000] } : step),
        Writing("kv never deletes", "kv: deleting tells whether there was something", step =>
            step.Kind == KvStepKind.Delete ? step with { Kind = KvStepKind.Check } : step),
        new Mutant("kv glues partition and sort", "kv: partition and sort are not glued together", () => async (call, next) =>
        {
            switch (call.Operation)
            {
                case nameof(IKeyValueDriver.GetAsync):
                    call.Arguments[0] = Glued((KvKey)call.Arguments[0]!);
                    break;
                case nameof(IKeyValueDriver.WriteAsync):
                    var step = (KvStep)call.Arguments[0]!;
                    call.Arguments[0] = step with { Key = Glued(step.Key) };
                    break;
            }

            return await next();
        }),
        new Mutant("kv reads one write late", "kv: the etag is another one after every write", () =>
        {
            object? last = null;
            return async (call, next) => call.Operation == nameof(IKeyValueDriver.GetAsync)
                ? Interlocked.Exchange(ref last, await next())
                : await next();
        }),
        new Mutant("kv gives every write one revision", "kv: the etag is another one after every write", () => async (call, next) => await next() switch
        {
            KvItem item => item with { Revision = "1" },
            KvWritten { Applied: true } => new KvWritten(true, "1"),
            var other => other,
        }),
        Asking("kv transactions compare nothing", nameof(IKeyValueDriver.TransactAsync), "races: transactions keep a sum", arguments =>
            arguments[0] = ((IReadOnlyList<KvStep>)arguments[0]!).Select(step => step with { Guard = KvGuard.None }).ToList()),
        Scanning("kv scans backwards", "kv: a scan is in the order of utf-8", items => items.AsEnumerable().Reverse()),
        Scanning("kv scans in the order of utf-16", "kv: a scan is in the order of utf-8", items =>
            items.OrderBy(item => item.Key.Sort ?? "", StringComparer.Ordinal)),
        Asking("kv scans beyond the prefix", nameof(IKeyValueDriver.ScanAsync), "kv: a scan keeps to its partition and prefix", arguments =>
            arguments[1] = ""),
        Asking("kv scans its last key again", nameof(IKeyValueDriver.ScanAsync), "kv: pages go on where they ended, whatever changes between", arguments =>
            arguments[2] = (arguments[2] as string)?[..^1]),
        Put("objects ignore if-absent", "objects: what is there is not created again", arguments =>
            arguments[4] = ((WriteCondition)arguments[4]!).Rule == WriteRule.IfAbsent ? default : (WriteCondition)arguments[4]!),
        Put("objects ignore if-match", "objects: a stale etag is refused", arguments =>
            arguments[4] = ((WriteCondition)arguments[4]!).Rule == WriteRule.IfMatch ? default : (WriteCondition)arguments[4]!),
        Put("objects lose metadata", "objects: content and headers are kept", arguments =>
            arguments[2] = (ObjectHeaders)arguments[2]! with { Metadata = new Dictionary<string, string>() }),
        Put("objects flip a bit", "objects: content and headers are kept", arguments =>
        {
            var body = ((ReadOnlyMemory<byte>)arguments[1]!).ToArray();
            body[^1] ^= 1;
            arguments[1] = (ReadOnlyMemory<byte>)body;
        }),
        Asking("objects lose the last part", nameof(IObjectDriver.UploadPartAsync), "objects: an object of several parts is whole", arguments =>
            arguments[3] = (int)arguments[2]! == 3 ? ReadOnlyMemory<byte>.Empty : arguments[3]),
        Asking("objects show one byte too many", nameof(IObjectDriver.OpenAsync), "objects: ranges are cut to what is there", arguments =>
            arguments[2] = (long?)arguments[2] + 1),
        Asking("objects commit whatever was there", nameof(IObjectDriver.CommitUploadAsync), "objects: the condition of a writer is checked at its commit",
            arguments => arguments[4] = default(WriteCondition)),
        Answering("objects list backwards", nameof(IObjectDriver.ListAsync), "objects: a listing is in the order of utf-8", (answer, _) =>
            ((IReadOnlyList<ObjectListItem>)answer!).Reverse().ToList()),
        Asking("objects list their last key again", nameof(IObjectDriver.ListAsync), "objects: pages go on where they ended, whatever changes between",
            arguments => arguments[2] = (arguments[2] as string)?[..^1]),
    ];

    private static Mutant Put(string name, string killedBy, Action<object?[]> change) =>
        Asking(name, nameof(IObjectDriver.PutAsync), killedBy, change);
}
