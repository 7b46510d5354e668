using Fury.Kernel;

namespace Fury.Artifacts;

internal enum EntryKind
{
    Folder,
    File,
    Link,
}

/// <summary>Something in an artifact.</summary>
/// <param name="Path">Relative to the artifact's folder, parts joined by '/'.</param>
/// <param name="Executable">Its owner may execute it; all of its mode that an artifact keeps.</param>
/// <param name="Target">Of a link, as it is written.</param>
internal sealed record ArtifactEntry(string Path, EntryKind Kind, long Length = 0, bool Executable = false, string? Target = null);

/// <summary>What an artifact consists of, in the order of path bytes, so that the same content is always walked alike.</summary>
internal sealed record ArtifactTree(string Root, IReadOnlyList<ArtifactEntry> Entries)
{
    /// <summary>As many as Linux follows before it says ELOOP.</summary>
    private const int LinksFollowedMax = 40;

    /// <summary>
    /// Looks at what there is below <paramref name="root"/>, or at the one file of that name. Links are not followed. Refused: more than the
    /// limits, and links that lead out of the artifact or nowhere.
    /// </summary>
    public static Outcome<ArtifactTree> Read(string root, string? onlyFile, ArtifactLimits limits)
    {
        var entries = new SortedDictionary<string, ArtifactEntry>(StringComparer.Ordinal);
        var bytes = 0L;
        var waiting = new Stack<string>([""]);
        while (waiting.TryPop(out var folder))
        {
            foreach (var info in new DirectoryInfo(Path.Join(root, folder)).EnumerateFileSystemInfos(onlyFile ?? "*", Everything))
            {
                var entry = Entry(folder, info);
                entries.Add(entry.Path, entry);
                bytes += entry.Length;
                if (entries.Count > limits.EntriesMax || bytes > limits.BytesMax)
                {
                    return TooLarge(root, limits);
                }

                if (entry.Kind == EntryKind.Folder)
                {
                    waiting.Push(entry.Path);
                }
            }
        }

        var tree = new ArtifactTree(root, [.. entries.Values]);
        return entries.Values.FirstOrDefault(entry => entry.Kind == EntryKind.Link && Follow(entries, entry.Path) is null) is { } stray
            ? Fault.Invalid("artifact.path", root, $"without the link {stray.Path} → {stray.Target}: it leads out of the artifact or nowhere")
            : tree;
    }

    public static Fault TooLarge(string root, ArtifactLimits limits) => Fault.Invalid("artifact.path", root,
        $"a folder of at most {limits.EntriesMax} files and {limits.BytesMax} bytes");

    /// <summary>The file that <paramref name="path"/> names once every link is followed; null when that is no file of the artifact.</summary>
    public ArtifactEntry? File(string path)
    {
        var entries = Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        return Follow(entries, path) is { } found && entries.GetValueOrDefault(found) is { Kind: EntryKind.File } file ? file : null;
    }

    /// <summary>Follows links as the kernel does, one part of the path after the other; null when that leads outside or nowhere.</summary>
    private static string? Follow(IReadOnlyDictionary<string, ArtifactEntry> entries, string path)
    {
        var ahead = new Stack<string>(path.Split('/').Reverse());
        var behind = new List<string>();
        var followed = 0;
        while (ahead.TryPop(out var part))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                if (behind.Count == 0)
                {
                    return null;
                }

                behind.RemoveAt(behind.Count - 1);
                continue;
            }

            behind.Add(part);
            if (!entries.TryGetValue(string.Join('/', behind), out var entry))
            {
                return null;
            }

            if (entry.Target is { } target)
            {
                if (++followed > LinksFollowedMax || target.StartsWith('/'))
                {
                    return null;
                }

                behind.RemoveAt(behind.Count - 1);
                foreach (var next in target.Split('/').Reverse())
                {
                    ahead.Push(next);
                }
            }
        }

        return string.Join('/', behind);
    }

    private static ArtifactEntry Entry(string folder, FileSystemInfo info)
    {
        var path = folder.Length == 0 ? info.Name : $"{folder}/{info.Name}";
        return info switch
        {
            { LinkTarget: { } target } => new(path, EntryKind.Link, Target: target),
            FileInfo file => new(path, EntryKind.File, file.Length, (file.UnixFileMode & UnixFileMode.UserExecute) != 0),
            _ => new(path, EntryKind.Folder),
        };
    }

    private static EnumerationOptions Everything { get; } = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
        MatchCasing = MatchCasing.CaseSensitive,
        ReturnSpecialDirectories = false,
    };
}
