using System.Globalization;
using System.Text;

namespace Fury.Sdk.Streams;

/// <summary>Partitions for providers that have none of their own.</summary>
internal static class Partitions
{
    public const int Count = 4;

    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Count).Select(Name)];

    public static string For(string key) => Names[Index(key)];

    /// <summary>By FNV-1a: the same in every process.</summary>
    public static int Index(string key)
    {
        var hash = 2166136261u;
        foreach (var each in Encoding.UTF8.GetBytes(key))
        {
            hash = (hash ^ each) * 16777619;
        }

        return (int)(hash % Count);
    }

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"p{index}");
}
