using System.Formats.Tar;

namespace Fury.Agent;

/// <summary>Lays one layer of an image over those below it (the OCI image layer specification): what it brings, and what it takes away (whiteouts).</summary>
internal sealed class Layer(string folder, LoadLimits limits, Budget budget)
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly RootFolder _root = new(folder);

    /// <summary>What this layer itself has brought; it takes away only what is below it.</summary>
    private readonly HashSet<string> _own = [];

    /// <exception cref="BadArchive">It cannot be unpacked, or holds what no layer holds.</exception>
    public async Task Unpack(string file, CancellationToken cancellation)
    {
        await foreach (var entry in Archive.Entries(file, limits, budget, cancellation))
        {
            var parts = Archive.Parts(entry.Name.TrimStart('/')) ?? throw new BadArchive($"the path '{entry.Name}' in it leads out of the image");
            if (parts.Length > 0)
            {
                await One(entry, parts, cancellation);
            }
        }
    }

    private async Task One(TarEntry entry, string[] parts, CancellationToken cancellation)
    {
        var (parent, name) = (_root.Follow(string.Join('/', parts[..^1])), parts[^1]);
        if (name == Opaque)
        {
            foreach (var below in Directory.Exists(parent) ? Directory.EnumerateFileSystemEntries(parent).Where(path => !_own.Contains(path)).ToList() : [])
            {
                Remove(below);
            }

            return;
        }

        if (name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            var gone = name[Whiteout.Length..];
            if (gone is "" or "." or "..")
            {
                throw new BadArchive($"'{entry.Name}' in it takes away what has no name");
            }

            Remove(Path.Join(parent, gone));
            return;
        }

        Directory.CreateDirectory(parent, FolderMode);
        var path = Path.Join(parent, name);
        if (await Bring(entry, path, cancellation))
        {
            _own.Add(path);
            for (var above = parent; above.Length > folder.Length && _own.Add(above); above = Path.GetDirectoryName(above)!)
            {
                // A folder that holds something of this layer is of this layer.
            }
        }
    }

    /// <summary>False for what no process of an image needs from it: devices and pipes.</summary>
    private async Task<bool> Bring(TarEntry entry, string path, CancellationToken cancellation)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (new FileInfo(path).LinkTarget is not null || !Directory.Exists(path))
                {
                    Remove(path);
                    Directory.CreateDirectory(path, FolderMode);
                }

                Native.Own(path, entry.Uid, entry.Gid);
                File.SetUnixFileMode(path, entry.Mode);
                return true;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Remove(path);
                await Archive.Write(entry, path, entry.Mode, cancellation);
                Native.Own(path, entry.Uid, entry.Gid);
                // A change of the owner takes the bits away that let a program run as its owner.
                File.SetUnixFileMode(path, entry.Mode);
                return true;
            case TarEntryType.SymbolicLink:
                Remove(path);
                File.CreateSymbolicLink(path, entry.LinkName);
                Native.Own(path, entry.Uid, entry.Gid);
                return true;
            case TarEntryType.HardLink:
                var target = _root.Resolve(entry.LinkName);
                if (!File.Exists(target) && new FileInfo(target).LinkTarget is null)
                {
                    throw new BadArchive($"the link '{entry.Name}' in it is to '{entry.LinkName}', which is not there");
                }

                if (target != path)
                {
                    Remove(path);
                    Native.Link(target, path);
                }

                return true;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo:
                return false;
            default:
                throw new BadArchive($"'{entry.Name}' in it is a {entry.EntryType}, which cannot be unpacked");
        }
    }

    private static void Remove(string path)
    {
        if (new FileInfo(path).LinkTarget is null && Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
        }
    }
}
