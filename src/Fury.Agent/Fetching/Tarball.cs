using System.Formats.Tar;
using Fury.Artifacts;

namespace Fury.Agent;

/// <summary>Lays a tar out as the tree of an artifact: files, folders and links that stay in it, and nothing else.</summary>
internal static class Tarball
{
    private const UnixFileMode Plain = ArtifactCopy.ReadOnly | UnixFileMode.UserWrite;

    /// <exception cref="BadArchive">It holds what no artifact holds.</exception>
    public static async Task Unpack(string file, string folder, LoadLimits limits, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder, Plain | ArtifactCopy.Execute);
        await foreach (var entry in Archive.Entries(file, limits, new Budget(limits), cancellation))
        {
            var parts = Archive.Parts(entry.Name) ?? throw new BadArchive($"the path '{entry.Name}' in it leads out of the artifact");
            if (parts.Length == 0)
            {
                continue;
            }

            // Links are checked once all is here; until then nothing is written through one.
            var path = Path.Join(Parent(folder, parts, entry.Name), parts[^1]);
            Replace(path, entry.EntryType == TarEntryType.Directory);
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Directory.CreateDirectory(path, Plain | ArtifactCopy.Execute);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    var runs = (entry.Mode & UnixFileMode.UserExecute) != 0;
                    await Archive.Write(entry, path, runs ? Plain | ArtifactCopy.Execute : Plain, cancellation);
                    break;
                case TarEntryType.SymbolicLink:
                    File.CreateSymbolicLink(path, entry.LinkName);
                    break;
                case TarEntryType.HardLink:
                    Native.Link(Target(folder, entry), path);
                    break;
                default:
                    throw new BadArchive($"'{entry.Name}' in it is a {Kind(entry.EntryType)}, and an artifact holds files, folders and links only");
            }
        }
    }

    private static string Kind(TarEntryType type) => type switch
    {
        TarEntryType.BlockDevice or TarEntryType.CharacterDevice => "device",
        TarEntryType.Fifo => "pipe",
        _ => $"{type}",
    };

    /// <summary>Of what an earlier entry has laid there.</summary>
    private static void Replace(string path, bool byFolder)
    {
        if (!byFolder || new FileInfo(path).LinkTarget is not null || File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static string Target(string folder, TarEntry entry)
    {
        var parts = Archive.Parts(entry.LinkName);
        var target = parts is { Length: > 0 } ? Path.Join(Parent(folder, parts, entry.LinkName), parts[^1]) : null;
        return target is not null && File.Exists(target) && new FileInfo(target).LinkTarget is null
            ? target
            : throw new BadArchive($"the link '{entry.Name}' in it is to '{entry.LinkName}', which is no file of the artifact");
    }

    /// <summary>The folder of an entry, made where it is missing; no part of its path is a link.</summary>
    private static string Parent(string folder, string[] parts, string name)
    {
        var parent = folder;
        foreach (var part in parts[..^1])
        {
            parent = Path.Join(parent, part);
            if (new FileInfo(parent).LinkTarget is not null || File.Exists(parent))
            {
                throw new BadArchive($"the path '{name}' in it leads through '{part}', which is no folder");
            }

            Directory.CreateDirectory(parent, Plain | ArtifactCopy.Execute);
        }

        return parent;
    }
}
