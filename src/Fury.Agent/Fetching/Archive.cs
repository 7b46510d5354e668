using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Fury.Agent;

/// <summary>An archive that nobody should unpack; the message ends a sentence that begins with its name.</summary>
internal sealed class BadArchive(string message) : Exception(message);

/// <summary>What archives of one artifact may still take.</summary>
internal sealed class Budget(LoadLimits limits)
{
    private int _entries;
    private long _bytes;

    /// <exception cref="BadArchive">It is too much.</exception>
    public void Take(TarEntry entry)
    {
        if (++_entries > limits.EntriesMax)
        {
            throw new BadArchive($"it holds more than {limits.EntriesMax} files, folders and links");
        }

        _bytes += entry.Length;
        if (_bytes > limits.BytesMax)
        {
            throw new BadArchive($"it is larger than {limits.BytesMax} bytes when unpacked");
        }
    }
}

/// <summary>Reads tars, packed with gzip or not.</summary>
internal static class Archive
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Headers and padding besides the files' own bytes, for each entry.</summary>
    private const long EntryBytes = 4096;

    /// <summary>Its entries, each to be used before the next one. Headers that are no entries are left out.</summary>
    /// <exception cref="BadArchive">It is broken, or too much.</exception>
    public static async IAsyncEnumerable<TarEntry> Entries(
        string file, LoadLimits limits, Budget budget, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var raw = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: true);
        var isPacked = raw.ReadByte() == 0x1f && raw.ReadByte() == 0x8b;
        raw.Position = 0;
        await using var unpacked = isPacked ? new GZipStream(raw, CompressionMode.Decompress) : (Stream)raw;
        await using var bounded = new Bounded(unpacked, limits.BytesMax + (EntryBytes * limits.EntriesMax));
        await using var tar = new TarReader(bounded);
        while (await Next(tar, cancellation) is { } entry)
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
            {
                continue;
            }

            budget.Take(entry);
            yield return entry;
        }
    }

    /// <summary>A new file with the entry's content, which its owner may write until its mode is set.</summary>
    public static async Task Write(TarEntry entry, string path, UnixFileMode mode, CancellationToken cancellation)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using var file = new FileStream(path, options);
        if (entry.DataStream is { } content)
        {
            try
            {
                await content.CopyToAsync(file, cancellation);
            }
            catch (Exception broken) when (IsBroken(broken))
            {
                throw Broken(broken);
            }
        }

        await file.FlushAsync(cancellation);
        File.SetUnixFileMode(file.SafeFileHandle, mode);
    }

    /// <summary>The parts of an entry's path without <c>.</c> and what is empty; null for a path that begins at the root or leads upwards.</summary>
    public static string[]? Parts(string name) =>
        name.StartsWith('/') || name.Contains('\0') || name.Split('/') is var parts && parts.Contains("..")
            ? null
            : [.. name.Split('/').Where(part => part is not ("" or "."))];

    private static async Task<TarEntry?> Next(TarReader tar, CancellationToken cancellation)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancellation);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            throw Broken(broken);
        }
    }

    private static bool IsBroken(Exception error) =>
        error is InvalidDataException or EndOfStreamException or TooMuch or FormatException or ArgumentException or NotSupportedException or OverflowException;

    private static BadArchive Broken(Exception why) => new(why is TooMuch ? why.Message : $"it is no tar, or a broken one: {why.Message.TrimEnd('.')}");
}
