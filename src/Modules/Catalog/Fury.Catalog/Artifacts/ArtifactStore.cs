using System.Security.Cryptography;
using Fury.Artifacts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Catalog.Artifacts;

/// <summary>An artifact whose content is known and which may not be kept yet.</summary>
internal sealed record Identified(ArtifactTree Tree, Artifact Artifact);

/// <summary>
/// Fury's own copies of artifacts, each in a read-only folder named by the hash of its content. A folder of that name is always whole: it is
/// written under another name and renamed.
/// </summary>
internal sealed partial class ArtifactStore(INode node, ArtifactLimits limits, ILogger<ArtifactStore> log) : IDisposable
{
    private const int AtOnceMax = 4;
    private const string Unfinished = ".unfinished-";
    private const UnixFileMode ReadOnlyFolder = ArtifactCopy.ReadOnly | ArtifactCopy.Execute;
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turns = new(AtOnceMax);
    private readonly Lazy<string> _folder = new(() => Prepare(node));

    /// <summary>Checks the source and hashes its content. Nothing is written.</summary>
    public Task<Outcome<Identified>> Identify(ArtifactSource source, CancellationToken cancellation) => InTurn<Identified>(async () =>
    {
        try
        {
            return await Look(source).Then<Identified>(async found =>
            {
                var digest = await ArtifactCopy.Digest(found.Tree, limits, cancellation);
                return digest.Then(hex => Machines(source, found.Tree, found.Command).Then<Identified>(machines =>
                    new Identified(found.Tree, At(hex, found.Command, source.Arguments) with { Architectures = machines })));
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fault.Invalid("artifact.path", source.Path, $"readable for Fury: {error.Message}");
        }
    }, cancellation);

    /// <summary>
    /// Copies it into the store unless its content is there. Of many that keep the same content at once, one copy stays. The digest is that of
    /// the copy: a source that changes meanwhile cannot make it a lie.
    /// </summary>
    public Task<Outcome<Artifact>> Keep(Identified identified, CancellationToken cancellation) => InTurn<Artifact>(async () =>
    {
        if (Directory.Exists(new Uri(identified.Artifact.Uri).LocalPath))
        {
            return identified.Artifact;
        }

        var unfinished = Path.Join(_folder.Value, Unfinished + RandomNumberGenerator.GetHexString(16, lowercase: true));
        try
        {
            var digest = await ArtifactCopy.Copy(identified.Tree, unfinished, limits, cancellation);
            return digest.Then<Artifact>(hex =>
            {
                var artifact = identified.Artifact with { Uri = new Uri(FolderOf(hex)).AbsoluteUri, Digest = $"sha256:{hex}" };
                Finish(unfinished, FolderOf(hex));
                return artifact;
            });
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            return new Fault(FaultKind.Exhausted, "There is no room left on the host's disk for the artifact.") { Detail = error.ToString() };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fault.Unavailable("The artifact could not be copied. If it is being built right now, try again when it is ready.", error);
        }
        finally
        {
            Remove(unfinished);
        }
    }, cancellation);

    /// <summary>The artifact that is kept under this digest, as a tree; <see cref="FaultKind.NotFound"/> when none is.</summary>
    public Outcome<ArtifactTree> Find(string digest) => DigestHex.Of(digest) is { } hex && Directory.Exists(FolderOf(hex))
        ? ArtifactTree.Read(FolderOf(hex), null, limits)
        : Fault.NotFound("artifact", digest);

    public void Dispose() => _turns.Dispose();

    private string FolderOf(string hex) => Path.Join(_folder.Value, $"sha256-{hex}");

    private Artifact At(string hex, string command, IReadOnlyList<string> arguments) =>
        new(new Uri(FolderOf(hex)).AbsoluteUri, $"sha256:{hex}", command, arguments);

    /// <summary>What the caller says it runs on, or what the command's own header tells. A caller that says otherwise than the header is mistaken.</summary>
    private static Outcome<IReadOnlyList<Architecture>> Machines(ArtifactSource source, ArtifactTree tree, string command)
    {
        var own = Startable.Architectures(tree, command);
        var machines = source.Architectures.Count > 0 ? source.Architectures : own;
        return own.Except(machines).Any()
            ? Fault.Invalid(
                "artifact.architectures", string.Join(", ", machines.Select(Word.Of)), $"{Word.Of(own[0])}, which '{command}' is built for, or absent")
            : Found(machines);
    }

    private static Outcome<T> Found<T>(T value) => value;

    private Outcome<(ArtifactTree Tree, string Command)> Look(ArtifactSource source)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path));
        var isFile = File.Exists(path);
        if (!isFile && !Directory.Exists(path))
        {
            return Fault.Invalid("artifact.path", source.Path, "a folder or a file that exists on the host's machine");
        }

        // A copy of the data folder would be copied into itself.
        if (IsWithin(path, node.DataFolder) || IsWithin(node.DataFolder, path))
        {
            return Fault.Invalid("artifact.path", source.Path, "a path that neither holds Fury's data folder nor lies in it");
        }

        if (!isFile && source.Command is null)
        {
            return Fault.Invalid("artifact.command", null, "the path of an executable inside the folder");
        }

        if (isFile && source.Command is not null && source.Command != Path.GetFileName(path))
        {
            return Fault.Invalid("artifact.command", source.Command, $"{Path.GetFileName(path)} or absent, since artifact.path is a file");
        }

        var command = source.Command ?? Path.GetFileName(path);
        var tree = isFile
            ? ArtifactTree.Read(Path.GetDirectoryName(path)!, Path.GetFileName(path), limits)
            : ArtifactTree.Read(path, null, limits);
        return tree.Then<(ArtifactTree, string)>(found => Startable.Problem(found, command) is { } problem
            ? Fault.Invalid("artifact.command", command, problem)
            : (found, command));
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + '/', StringComparison.Ordinal);

    private async Task<Outcome<T>> InTurn<T>(Func<Task<Outcome<T>>> work, CancellationToken cancellation)
    {
        if (!await _turns.WaitAsync(TurnPatience, cancellation))
        {
            return new Fault(FaultKind.Throttled, "Too many artifacts are being registered at once. Try again in a minute.");
        }

        try
        {
            return await work();
        }
        finally
        {
            _turns.Release();
        }
    }

    private static void Finish(string unfinished, string final)
    {
        foreach (var folder in Directory.EnumerateDirectories(unfinished, "*", Deep).Append(unfinished))
        {
            File.SetUnixFileMode(folder, ReadOnlyFolder);
        }

        try
        {
            Directory.Move(unfinished, final);
        }
        catch (IOException) when (Directory.Exists(final))
        {
            // Another request was first, with the same content.
        }
    }

    private void Remove(string unfinished)
    {
        try
        {
            Delete(unfinished);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            CannotRemove(log, unfinished, error);
        }
    }

    private static void Delete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var inner in Directory.EnumerateDirectories(folder, "*", Deep).Prepend(folder))
        {
            File.SetUnixFileMode(inner, ReadOnlyFolder | UnixFileMode.UserWrite);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The data folder belongs to one process at a time, so whatever is unfinished at the start is of one that was killed.</summary>
    private static string Prepare(INode node)
    {
        var folder = Directory.CreateDirectory(Path.Join(node.DataFolder, "artifacts")).FullName;
        foreach (var unfinished in Directory.EnumerateDirectories(folder, Unfinished + "*"))
        {
            Delete(unfinished);
        }

        return folder;
    }

    private static EnumerationOptions Deep { get; } = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>.NET gives errno as the HResult where it has no code of its own: ENOSPC and EDQUOT (Linux, macOS).</summary>
    private static bool IsDiskFull(IOException error) =>
        error.HResult is 28 or 122 or 69 or unchecked((int)0x80070070);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The unfinished artifact {Folder} could not be removed; the next start tries again.")]
    private static partial void CannotRemove(ILogger log, string folder, Exception error);
}
