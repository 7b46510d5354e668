using System.Security.Cryptography;
using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>What every load of one agent needs.</summary>
/// <param name="Folder">Of the agent; an artifact has its own folders in it.</param>
internal sealed record LoadTools(HttpClient Http, LoadLimits Limits, string Folder, TimeProvider Clock);

/// <summary>An artifact that is a folder: a tar with the digest of its bytes, or one that the platform keeps, with the digest of its tree.</summary>
/// <param name="sign">Proves to the platform who asks; null for other servers.</param>
internal sealed class FolderLoad(AgentArtifact artifact, Action<HttpRequestMessage>? sign, LoadTools tools) : ILoad
{
    private readonly Download _download = new(tools.Http, tools.Limits, tools.Clock);
    private readonly string _tar = Path.Combine(tools.Folder, "artifact.tar");
    private readonly string _unfinished = Path.Combine(tools.Folder, "artifact.unfinished");
    private readonly string _content = Path.Combine(tools.Folder, "artifact");
    private bool _looked;

    /// <summary>Whether the digest is of the tree; then what is laid out can be compared again, and the tar need not be.</summary>
    private bool IsTree => sign is not null;

    public async Task<Outcome> Fetch(CancellationToken cancellation)
    {
        // An agent that was started again finds what the one before has brought.
        if (!_looked && await (IsTree ? TreeDigest(_content, cancellation) : FileDigest(_tar, cancellation)) == artifact.Digest)
        {
            return Outcome.Ok;
        }

        _looked = true;
        return await _download.To(
            _tar,
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, artifact.Uri);
                sign?.Invoke(request);
                return request;
            },
            cancellation);
    }

    public async Task<Outcome<Startable>> Verify(CancellationToken cancellation)
    {
        _looked = true;
        if (IsTree && await TreeDigest(_content, cancellation) == artifact.Digest)
        {
            return Start(_content);
        }

        if (!IsTree && await FileDigest(_tar, cancellation) is var bytes && bytes != artifact.Digest)
        {
            return NotIt(bytes);
        }

        try
        {
            Remove(_unfinished);
            await Tarball.Unpack(_tar, _unfinished, tools.Limits, cancellation);
        }
        catch (BadArchive bad)
        {
            return IsTree && _download.WasResumed ? NotIt(null) : Fault.Invalid($"The artifact is not unpacked: {bad.Message}.");
        }

        var tree = ArtifactTree.Read(_unfinished, null, new(tools.Limits.BytesMax, tools.Limits.EntriesMax));
        if (!tree.IsOk)
        {
            return Fault.Invalid($"The artifact is not started: {tree.Fault.Message}");
        }

        if (IsTree && await TreeDigest(_unfinished, cancellation) is var found && found != artifact.Digest)
        {
            return NotIt(found);
        }

        var start = Start(_unfinished);
        if (!start.IsOk)
        {
            return start;
        }

        Remove(_content);
        Directory.Move(_unfinished, _content);
        if (IsTree)
        {
            File.Delete(_tar);
        }

        return start;
    }

    /// <summary>How the command is started once <paramref name="folder"/>, which holds it now, is where it stays.</summary>
    private Outcome<Startable> Start(string folder) => Executable.Locate(folder, artifact.Command).Then<Startable>(path => new Startable(
        [Path.Join(_content, Path.GetRelativePath(folder, path)), .. artifact.Arguments], _content, new Dictionary<string, string>()));

    private Fault NotIt(string? found)
    {
        var wasResumed = _download.WasResumed;
        _download.Forget(_tar);
        Remove(_unfinished);
        return wasResumed
            ? Fault.Unavailable("The artifact came in parts that do not fit together; it is fetched anew.")
            : Fault.Invalid($"The artifact's digest is {found} and should be {artifact.Digest}, so it is not started.");
    }

    private static async Task<string?> FileDigest(string file, CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        await using var content = File.OpenRead(file);
        return $"sha256:{Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation))}";
    }

    private async Task<string?> TreeDigest(string folder, CancellationToken cancellation)
    {
        var limits = new ArtifactLimits(tools.Limits.BytesMax, tools.Limits.EntriesMax);
        if (!Directory.Exists(folder) || ArtifactTree.Read(folder, null, limits) is not { IsOk: true, Value: var tree })
        {
            return null;
        }

        var digest = await ArtifactCopy.Digest(tree, limits, cancellation);
        return digest.IsOk ? $"sha256:{digest.Value}" : null;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
