using System.Diagnostics;
using Fury.Sdk.Objects;

namespace Fury.Benchmarks.Sdk;

/// <summary>A file of 5 GiB without content on the disk, written as an object into a folder and read from it, all through the SDK.</summary>
internal static class SparseObject
{
    private const long Length = 5L << 30;
    private const int ReadBytes = 1 << 20;
    private const string Key = "sparse";
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    /// <returns>By how many MiB the process grew at most.</returns>
    public static async Task<double> Run(TextWriter output, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("fury-bench-sparse-").FullName;
        try
        {
            var (bucket, _) = await ObjectCopy.Open(ObjectCopy.RouteTo(folder));
            await bucket.WriteAsync("warm", new byte[2 * ObjectParts.First], cancellationToken: stop);
            GC.Collect();
            var (before, begun) = (Environment.WorkingSet, Stopwatch.GetTimestamp());
            var most = before;
            await using (var watch = new Timer(_ => most = Math.Max(most, Environment.WorkingSet), null, LookPeriod, LookPeriod))
            {
                await Write(bucket, folder, stop);
                await using var read = await bucket.OpenReadAsync(Key, cancellationToken: stop) ?? throw new InvalidOperationException("It is gone.");
                await read.Content.CopyToAsync(Stream.Null, ReadBytes, stop);
            }

            var grown = (most - before) / 1024.0 / 1024.0;
            output.WriteLine(
                $"  5 GiB written and read in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {before >> 20} MiB before, {grown:0} MiB more at most");
            return grown;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Write(ObjectBucket bucket, string folder, CancellationToken stop)
    {
        await using var sparse = new FileStream(
            Path.Combine(folder, "source"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous);
        sparse.SetLength(Length);
        await bucket.WriteAsync(Key, sparse, cancellationToken: stop);
    }
}
