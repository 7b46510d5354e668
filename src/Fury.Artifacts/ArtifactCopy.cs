using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Fury.Kernel;

namespace Fury.Artifacts;

/// <summary>Hashes an artifact, and copies it while it does.</summary>
internal static class ArtifactCopy
{
    public const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const int BufferBytes = 128 * 1024;

    /// <summary>SHA-256 in hex over kind, executable bit, path and content of every entry.</summary>
    public static Task<Outcome<string>> Digest(ArtifactTree tree, ArtifactLimits limits, CancellationToken cancellation) =>
        Walk(tree, null, limits, cancellation);

    /// <summary>The same over what it writes to the new folder <paramref name="target"/>. Every file is on the disk when it returns.</summary>
    public static Task<Outcome<string>> Copy(ArtifactTree tree, string target, ArtifactLimits limits, CancellationToken cancellation)
    {
        Directory.CreateDirectory(target);
        return Walk(tree, target, limits, cancellation);
    }

    private static async Task<Outcome<string>> Walk(ArtifactTree tree, string? target, ArtifactLimits limits, CancellationToken cancellation)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytesLeft = limits.BytesMax;
        foreach (var entry in tree.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            var copy = target is null ? null : Path.Join(target, entry.Path);
            string content;
            switch (entry.Kind)
            {
                case EntryKind.Folder:
                    content = "";
                    _ = copy is null ? null : Directory.CreateDirectory(copy);
                    break;
                case EntryKind.Link:
                    content = entry.Target!;
                    _ = copy is null ? null : File.CreateSymbolicLink(copy, content);
                    break;
                default:
                    var file = await OneFile(Path.Join(tree.Root, entry.Path), entry, copy, bytesLeft, cancellation);
                    bytesLeft -= file.Bytes;
                    content = file.Hash;
                    break;
            }

            if (bytesLeft < 0)
            {
                return ArtifactTree.TooLarge(tree.Root, limits);
            }

            // The lengths make a line unambiguous, whatever a name holds.
            var kind = entry.Kind switch { EntryKind.Folder => 'd', EntryKind.Link => 'l', _ => entry.Executable ? 'x' : 'f' };
            whole.AppendData(Encoding.UTF8.GetBytes($"{kind} {entry.Path.Length}:{entry.Path} {content.Length}:{content}\n"));
        }

        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }

    private static async Task<(long Bytes, string Hash)> OneFile(
        string source, ArtifactEntry entry, string? copy, long bytesMax, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var output = copy is null ? null : Create(copy);
        var bytes = 0L;

        // What has no length may be a pipe, and opening a pipe can wait for ever.
        if (entry.Length > 0)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            await using var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, true);
            while (bytes <= bytesMax && await input.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                bytes += read;
                hash.AppendData(buffer, 0, read);
                if (output is not null)
                {
                    await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (output is not null)
        {
            output.Flush(flushToDisk: true);
            File.SetUnixFileMode(output.SafeFileHandle, entry.Executable ? ReadOnly | Execute : ReadOnly);
        }

        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
