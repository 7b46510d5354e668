using Fury.Sdk.Checks;

namespace Fury.Sdk.KeyValue;

/// <summary>What arguments of a key-value store must be.</summary>
internal static class KvChecks
{
    public const int ValueBytesMax = 256 * 1024;
    public const int BatchMax = 100;
    public const int TransactionMax = 25;

    private static readonly TimeSpan LifeMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LifeMax = TimeSpan.FromDays(3653);

    public static void Key(KvKey key)
    {
        Check.Key("Partition", key.Partition);
        if (!string.IsNullOrEmpty(key.Sort))
        {
            Check.Key("Sort", key.Sort);
        }
    }

    public static void Value(ReadOnlyMemory<byte> value) =>
        Check.Size("The value", value.Length, ValueBytesMax, "Keep it as an object, and its key here.");

    public static void Life(TimeSpan? value) => Check.Between("TimeToLive", value, LifeMin, LifeMax);

    public static void Condition(WriteCondition condition)
    {
        if (condition.Rule == WriteRule.IfMatch && string.IsNullOrEmpty(condition.Match.Value))
        {
            throw Failure.Invalid("The ETag of IfMatch is empty; take it from an entry or from a write, or use IfAbsent.");
        }
    }

    public static void Operations(IReadOnlyList<KvOperation> operations, int most)
    {
        Check.NotNull("operations", operations);
        Check.Between("The number of operations", operations.Count, 1, most);
        foreach (var operation in operations)
        {
            Check.NotNull("An operation", operation);
            Key(operation.Key);
            Condition(operation.Condition);
            if (operation is KvPut put)
            {
                Value(put.Value);
                Life(put.TimeToLive);
            }
        }
    }

    /// <summary>One partition, each key once.</summary>
    public static void Transaction(IReadOnlyList<KvOperation> operations)
    {
        Operations(operations, TransactionMax);
        var first = operations[0].Key.Partition;
        if (operations.FirstOrDefault(each => each.Key.Partition != first) is { } other)
        {
            throw Failure.Invalid(
                $"A transaction is of one partition; this one has {Check.Show(first)} and {Check.Show(other.Key.Partition)}.");
        }

        var sorts = new HashSet<string>();
        if (operations.FirstOrDefault(each => !sorts.Add(each.Key.Sort ?? "")) is { } twice)
        {
            throw Failure.Invalid($"The key {Check.Show(twice.Key.ToString())} is in the transaction twice; once is right.");
        }
    }
}
