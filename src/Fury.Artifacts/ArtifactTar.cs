using System.Formats.Tar;

namespace Fury.Artifacts;

/// <summary>A tree on its way to another machine.</summary>
internal static class ArtifactTar
{
    private const UnixFileMode Plain = ArtifactCopy.ReadOnly | UnixFileMode.UserWrite;

    /// <summary>Writes every entry, in the order of the tree, with all of its mode that an artifact keeps and no time: the same tree is the same tar.</summary>
    /// <param name="to">Takes it as it comes, and stays open.</param>
    public static async Task Write(ArtifactTree tree, Stream to, CancellationToken cancellation)
    {
        await using var tar = new TarWriter(to, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var entry in tree.Entries)
        {
            var kind = entry.Kind switch
            {
                EntryKind.Folder => TarEntryType.Directory,
                EntryKind.Link => TarEntryType.SymbolicLink,
                _ => TarEntryType.RegularFile,
            };
            var written = new PaxTarEntry(kind, entry.Path)
            {
                Mode = entry.Executable || entry.Kind == EntryKind.Folder ? Plain | ArtifactCopy.Execute : Plain,
                ModificationTime = DateTimeOffset.UnixEpoch,
            };
            if (entry.Target is { } target)
            {
                written.LinkName = target;
            }

            // What has no length may be a pipe, and opening a pipe can wait for ever.
            await using var content = entry is { Kind: EntryKind.File, Length: > 0 } ? File.OpenRead(Path.Join(tree.Root, entry.Path)) : null;
            if (content is not null)
            {
                written.DataStream = content;
            }

            await tar.WriteEntryAsync(written, cancellation);
        }
    }
}
