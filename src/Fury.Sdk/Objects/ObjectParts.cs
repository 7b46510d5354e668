namespace Fury.Sdk.Objects;

/// <summary>
/// How large the parts of an upload are: 8 MiB, and twice as much after each thousand, so that 10,000 parts reach more than 5 TiB while small
/// uploads need little memory.
/// </summary>
internal static class ObjectParts
{
    public const int First = 8 * 1024 * 1024;

    private const int Largest = 1024 * 1024 * 1024;

    public static int Size(int number) => (int)Math.Min((long)First << Math.Min((number - 1) / 1000, 20), Largest);

    /// <summary>What a call may take longer for so many bytes: as if there were only 1 MiB/s.</summary>
    public static TimeSpan Time(long bytes) => TimeSpan.FromSeconds(bytes / (1024.0 * 1024.0));
}
