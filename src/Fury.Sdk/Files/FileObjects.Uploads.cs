using System.Globalization;
using System.Text.Json;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Files;

/// <summary>Uploads, each in a folder of its own within the data, and listings.</summary>
internal sealed partial class FileObjects
{
    private const string Begun = "begun";

    public async ValueTask<string> BeginUploadAsync(string key, ObjectHeaders headers, CancellationToken cancellation)
    {
        var upload = BucketFolder.NewName();
        Directory.CreateDirectory(FolderOf(upload));
        var text = JsonSerializer.SerializeToUtf8Bytes(new FileUpload(key, headers), FilesJson.Default.FileUpload);
        await BucketFolder.WriteNew(Path.Combine(FolderOf(upload), Begun), text, cancellation);
        return upload;
    }

    /// <summary>The tag is the name of the part's file.</summary>
    public async ValueTask<string> UploadPartAsync(string key, string upload, int number, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        await Open(key, upload, cancellation);
        var tag = string.Create(CultureInfo.InvariantCulture, $"{number:D5}-{BucketFolder.NewName()}");
        await BucketFolder.WriteNew(Path.Combine(FolderOf(upload), tag), body, cancellation);
        return tag;
    }

    /// <summary>The parts are the data as they are; nothing is copied.</summary>
    public async ValueTask<ObjectPut> CommitUploadAsync(
        string key, string upload, IReadOnlyList<string> tags, ReadOnlyMemory<byte> sha256, WriteCondition condition, CancellationToken cancellation)
    {
        using var turn = await folder.Turn(clock, cancellation);
        var open = await Open(key, upload, cancellation);
        List<FilePart> parts = [];
        foreach (var tag in tags)
        {
            var file = new FileInfo(Path.Combine(FolderOf(upload), Path.GetFileName(tag)));
            parts.Add(file.Exists ? new FilePart($"{upload}/{file.Name}", file.Length) : throw Failure.Invalid($"The upload has no part {Check.Show(tag)}."));
        }

        if (!Holds(condition, await Find(key, cancellation)))
        {
            return new ObjectPut(false, null);
        }

        // From here on the folder is an object's, whatever happens: nobody can abort it. What was sent twice is there twice.
        foreach (var left in Directory.EnumerateFiles(FolderOf(upload)).Where(file => !tags.Contains(Path.GetFileName(file))))
        {
            File.Delete(left);
        }

        return await Store(key, parts, open.Headers, sha256, condition, CancellationToken.None);
    }

    /// <summary>Not one that was committed: its parts are an object's.</summary>
    public async ValueTask AbortUploadAsync(string key, string upload, CancellationToken cancellation)
    {
        using var turn = await folder.Turn(clock, cancellation);
        if (File.Exists(Path.Combine(FolderOf(upload), Begun)))
        {
            Directory.Delete(FolderOf(upload), recursive: true);
        }
    }

    public async ValueTask<IReadOnlyList<ObjectListItem>> ListAsync(
        string prefix, char? delimiter, string? after, int limit, CancellationToken cancellation)
    {
        List<ObjectListItem> items = [];
        foreach (var key in (await AllKeys(cancellation)).Order(Utf8Order.Instance))
        {
            if (items.Count == limit)
            {
                break;
            }

            if (!ListingOrder.IsNext(key, prefix, delimiter, after) || await Find(key, cancellation) is not { } entry)
            {
                continue;
            }

            if (ListingOrder.FolderOf(key, prefix, delimiter) is not { } shown)
            {
                items.Add(new ObjectListItem(key, entry.Properties.Length, new ETag(entry.ETag), entry.LastModified, false));
            }
            else if (items is not [.., { IsPrefix: true } last] || last.Key != shown)
            {
                items.Add(new ObjectListItem(shown, 0, default, default, true));
            }
        }

        return items;
    }

    private async ValueTask<List<string>> AllKeys(CancellationToken cancellation)
    {
        List<string> keys = [];
        foreach (var file in Directory.EnumerateFiles(folder.Keys))
        {
            var key = FileNames.Decode(Path.GetFileName(file));
            if (key is null)
            {
                try
                {
                    key = FileEntry.Read(await File.ReadAllBytesAsync(file, cancellation)).Key;
                }
                catch (FileNotFoundException)
                {
                    continue;
                }
            }

            keys.Add(key);
        }

        return keys;
    }

    private string FolderOf(string upload) => Path.Combine(folder.Data, Path.GetFileName(upload));

    private async ValueTask<FileUpload> Open(string key, string upload, CancellationToken cancellation)
    {
        var begun = Path.Combine(FolderOf(upload), Begun);
        return File.Exists(begun)
            && JsonSerializer.Deserialize(await File.ReadAllBytesAsync(begun, cancellation), FilesJson.Default.FileUpload) is { } open && open.Key == key
            ? open
            : throw Failure.Invalid("The upload is over; begin again.");
    }
}
