using System.Buffers;
using System.Diagnostics;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Files;
using Fury.Sdk.Hosting;
using Fury.Sdk.Objects;

namespace Fury.Benchmarks.Sdk;

/// <summary>
/// An object that is read from a folder and written into it again: as a stream through the SDK, which hashes what goes through it, and by the same driver
/// called bare, in parts of the same size. By turns; the best of several rounds, since others share the disk.
/// </summary>
internal static class ObjectCopy
{
    private const int Rounds = 6;
    private const int Parts = 16;
    private const string Source = "source";
    private const string Target = "target";

    /// <returns>MiB/s.</returns>
    public static async Task<(double Sdk, double Raw)> Run(TextWriter output, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("fury-bench-objects-").FullName;
        try
        {
            var (bucket, driver) = await Open(RouteTo(folder));
            var content = new byte[Parts * ObjectParts.First];
            new Random(1).NextBytes(content);
            await bucket.WriteAsync(Source, content, cancellationToken: stop);
            var (sdk, raw) = (0d, 0d);
            for (var round = 0; round < Rounds; round++)
            {
                raw = Math.Max(raw, await Rate(() => Bare(driver, stop)));
                sdk = Math.Max(sdk, await Rate(() => Through(bucket, stop)));
            }

            output.WriteLine($"  copy of {content.Length / 1024 / 1024} MiB within a folder: {sdk:N0} MiB/s through the SDK, {raw:N0} by the bare driver");
            return (sdk, raw);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Through(ObjectBucket bucket, CancellationToken stop)
    {
        await using var read = await bucket.OpenReadAsync(Source, cancellationToken: stop)
            ?? throw new InvalidOperationException("The object is gone.");
        await bucket.WriteAsync(Target, read.Content, cancellationToken: stop);
    }

    private static async Task Bare(IObjectDriver driver, CancellationToken stop)
    {
        await using var read = await driver.OpenAsync(Source, 0, null, stop) ?? throw new InvalidOperationException("The object is gone.");
        var headers = new ObjectHeaders("application/octet-stream", new Dictionary<string, string>());
        var upload = await driver.BeginUploadAsync(Target, headers, stop);
        var buffer = ArrayPool<byte>.Shared.Rent(ObjectParts.First);
        List<string> tags = [];
        int count;
        while ((count = await read.Content.ReadAtLeastAsync(buffer.AsMemory(0, ObjectParts.First), ObjectParts.First, false, stop)) > 0)
        {
            tags.Add(await driver.UploadPartAsync(Target, upload, tags.Count + 1, buffer.AsMemory(0, count), stop));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        await driver.CommitUploadAsync(Target, upload, tags, default, default, stop);
    }

    private static async Task<double> Rate(Func<Task> copy)
    {
        var begun = Stopwatch.GetTimestamp();
        await copy();
        return Parts * ObjectParts.First / 1024.0 / 1024.0 / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    internal static ServiceRoute RouteTo(string folder) => new(FilesProvider.Name, "direct", new Uri(folder), "local", "bench");

    internal static async Task<(ObjectBucket Bucket, IObjectDriver Driver)> Open(ServiceRoute route)
    {
        var need = new ServiceNeed(ServiceKind.Objects, "bench");
        var runtime = new FuryRuntime(TimeProvider.System);
        runtime.Add(need, null);
        var binder = new Binder(FilesProvider.Factories, TimeProvider.System, TimeSpan.FromSeconds(1));
        var channel = runtime.Find(ServiceKind.Objects, "bench")!.Channel;
        var policy = new CallPolicy { AttemptTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(2) };
        await binder.Bind(channel, need, new ServiceBinding("bench", ServiceKind.Objects, 1, route) { Policy = policy }, CancellationToken.None);
        var driver = await FilesProvider.Factories[0].OpenAsync(new DriverContext("bench", route, TimeProvider.System), CancellationToken.None);
        return (runtime.Objects("bench"), (IObjectDriver)driver);
    }
}
