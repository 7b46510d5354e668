using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Files;

internal sealed partial class FileObjects(BucketFolder folder, TimeProvider clock) : IObjectDriver
{
    /// <summary>How often a reader may find that what it was about to read was replaced.</summary>
    private const int ReadsMax = 64;

    public string Provider => FilesProvider.Name;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(
        ObjectCapabilities.ConditionalCreate,
        ObjectCapabilities.ConditionalUpdate,
        ObjectCapabilities.UniqueETag,
        ObjectCapabilities.StrongListing,
        ObjectCapabilities.TimeToLive,
        ObjectCapabilities.Checksum);

    /// <summary>A full disk is told before anything is renamed; of other trouble it is not known when it came.</summary>
    public FuryException Translate(Exception error) => error switch
    {
        UnauthorizedAccessException => new FuryException(FuryErrorCode.PermissionDenied, "This process may not use the folder.", error),
        DirectoryNotFoundException => new FuryException(FuryErrorCode.NotFound, "The folder is gone.", error),
        IOException { HResult: 28 or unchecked((int)0x80070070) } => new FuryException(FuryErrorCode.QuotaExceeded, "The disk is full.", error),
        _ => new FuryException(FuryErrorCode.Unknown, $"The folder could not be used: {error.GetType().Name}.", error) { OutcomeUnknown = true },
    };

    public ValueTask ProbeAsync(CancellationToken cancellation) =>
        Directory.Exists(folder.Keys) ? ValueTask.CompletedTask : throw new DirectoryNotFoundException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async ValueTask<ObjectProperties?> HeadAsync(string key, CancellationToken cancellation) => (await Find(key, cancellation))?.Properties;

    public async ValueTask<DriverObject?> OpenAsync(string key, long offset, long? length, CancellationToken cancellation)
    {
        for (var read = 1; ; read++)
        {
            if (await Find(key, cancellation) is not { } entry)
            {
                return null;
            }

            try
            {
                return new DriverObject(entry.Properties, new FilePartsStream(folder.Data, entry.Parts, offset, length));
            }
            catch (FileNotFoundException) when (read < ReadsMax)
            {
                // It was replaced between the two looks; the new one is there.
            }
        }
    }

    public async ValueTask<ObjectPut> PutAsync(
        string key, ReadOnlyMemory<byte> body, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation)
    {
        // Looked at here to save the writing, and again when it counts.
        if (condition.Rule != WriteRule.None && !Holds(condition, await Find(key, cancellation)))
        {
            return new ObjectPut(false, null);
        }

        var part = new FilePart(BucketFolder.NewName(), body.Length);
        return await StoreNew(
            key,
            [part],
            () => BucketFolder.WriteNew(Path.Combine(folder.Data, part.File), body, cancellation),
            headers,
            sha256,
            condition,
            cancellation);
    }

    public async ValueTask<bool?> DeleteAsync(string key, WriteCondition condition, CancellationToken cancellation)
    {
        using var turn = await folder.Turn(clock, cancellation);
        var there = await Read(key, cancellation);
        if (!Holds(condition, Living(there)))
        {
            return null;
        }

        File.Delete(FileOf(key));
        there?.Parts.ToList().ForEach(Forget);
        return Living(there) is not null;
    }

    public async ValueTask<ObjectPut> CopyAsync(string source, string target, WriteCondition condition, CancellationToken cancellation)
    {
        for (var read = 1; ; read++)
        {
            if (await Find(source, cancellation) is not { } from)
            {
                return new ObjectPut(true, null);
            }

            var parts = from.Parts.Select(part => part with { File = BucketFolder.NewName() }).ToList();
            try
            {
                return await StoreNew(target, parts, () => Copy(from.Parts, parts), from.Headers, from.Sha256, condition, cancellation);
            }
            catch (FileNotFoundException) when (read < ReadsMax)
            {
                // As for a reader.
            }
        }
    }

    private static bool Holds(WriteCondition condition, FileEntry? there) => condition.Rule switch
    {
        WriteRule.IfAbsent => there is null,
        WriteRule.IfMatch => there?.ETag == condition.Match.Value,
        _ => true,
    };

    private string FileOf(string key) => Path.Combine(folder.Keys, FileNames.Encode(key));

    private async ValueTask<FileEntry?> Read(string key, CancellationToken cancellation)
    {
        try
        {
            return FileEntry.Read(await File.ReadAllBytesAsync(FileOf(key), cancellation));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private async ValueTask<FileEntry?> Find(string key, CancellationToken cancellation) => Living(await Read(key, cancellation));

    private FileEntry? Living(FileEntry? entry) => entry?.Headers.ExpiresAt is { } end && clock.GetUtcNow() >= end ? null : entry;

    /// <summary>Writes parts that are of no use where the object does not come to be.</summary>
    private async ValueTask<ObjectPut> StoreNew(
        string key, IReadOnlyList<FilePart> parts, Func<ValueTask> write, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation)
    {
        var put = default(ObjectPut);
        try
        {
            await write();
            using var turn = await folder.Turn(clock, cancellation);
            return put = await Store(key, parts, headers, sha256, condition, cancellation);
        }
        finally
        {
            if (!put.Applied)
            {
                parts.ToList().ForEach(Forget);
            }
        }
    }

    private ValueTask Copy(IReadOnlyList<FilePart> from, IReadOnlyList<FilePart> to)
    {
        foreach (var (source, target) in from.Zip(to))
        {
            File.Copy(Path.Combine(folder.Data, source.File), Path.Combine(folder.Data, target.File));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Makes parts an object. The caller has the turn.</summary>
    private async ValueTask<ObjectPut> Store(
        string key, IReadOnlyList<FilePart> parts, ObjectHeaders headers, ReadOnlyMemory<byte> sha256, WriteCondition condition,
        CancellationToken cancellation)
    {
        var there = await Read(key, cancellation);
        if (!Holds(condition, Living(there)))
        {
            return new ObjectPut(false, null);
        }

        var entry = new FileEntry(key, BucketFolder.NewName(), clock.GetUtcNow(), headers, sha256.ToArray(), parts);
        await folder.Replace(FileOf(key), entry.Write(), cancellation);
        there?.Parts.ToList().ForEach(Forget);
        return new ObjectPut(true, entry.Properties);
    }

    /// <summary>Readers that have it open read on.</summary>
    private void Forget(FilePart part)
    {
        var file = Path.Combine(folder.Data, part.File);
        try
        {
            File.Delete(file);
            if (part.File.Contains('/'))
            {
                // The folder of an upload goes with the last of its parts.
                Directory.Delete(Path.GetDirectoryName(file)!);
            }
        }
        catch (IOException)
        {
            // Others are in the folder; or a reader keeps the file from going: then it stays, and nobody sees it.
        }
    }
}
