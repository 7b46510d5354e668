namespace Fury.Sdk.KeyValue;

/// <summary>A key: the partition is the unit of placement and of transactions, the sort part orders within it. A string is a partition alone.</summary>
/// <param name="Partition">1 to 1024 bytes of UTF-8.</param>
/// <param name="Sort">At most 1024 bytes; null is the same as empty.</param>
public readonly record struct KvKey(string Partition, string? Sort = null)
{
    public static implicit operator KvKey(string key) => new(key);

    public override string ToString() => Sort is null ? Partition : $"{Partition}|{Sort}";
}
