using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>An image: its documents and layers by the distribution API, each compared with its digest, laid out in one folder.</summary>
internal sealed class ImageLoad(AgentArtifact artifact, ImageReference image, LoadTools tools) : ILoad
{
    private readonly string _root = Path.Combine(tools.Folder, "image");
    private readonly string _layers = Path.Combine(tools.Folder, "layers");
    private (Manifest Manifest, ImageConfig Config)? _found;

    public async Task<Outcome> Fetch(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_layers);
        var registry = new Registry(image, _layers, tools);
        var found = await Find(registry, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        _found = found.Value;
        foreach (var layer in found.Value.Manifest.Layers)
        {
            var fetched = await registry.Layer(layer, cancellation);
            if (!fetched.IsOk)
            {
                return fetched;
            }
        }

        return Outcome.Ok;
    }

    public async Task<Outcome<Startable>> Verify(CancellationToken cancellation)
    {
        var (manifest, config) = _found!.Value;
        var registry = new Registry(image, _layers, tools);
        try
        {
            if (Directory.Exists(_root))
            {
                Directory.Delete(_root, recursive: true);
            }

            Directory.CreateDirectory(_root);
            File.SetUnixFileMode(_root, ArtifactCopy.ReadOnly | ArtifactCopy.Execute | UnixFileMode.UserWrite);
            var budget = new Budget(tools.Limits);
            foreach (var layer in manifest.Layers)
            {
                await new Layer(_root, tools.Limits, budget).Unpack(registry.FileOf(layer), cancellation);
            }

            IReadOnlyList<string> words = artifact.Command.Length > 0 ? [artifact.Command, .. artifact.Arguments] : [.. config.Words, .. artifact.Arguments];
            return words.Count == 0
                ? Fault.Invalid("artifact.command", "", "given, since the image itself says nothing of what it starts")
                : ImageStart.Of(_root, config, words);
        }
        catch (BadArchive bad)
        {
            return Fault.Invalid($"A layer of the image is not unpacked: {bad.Message}.");
        }
    }

    private async Task<Outcome<(Manifest Manifest, ImageConfig Config)>> Find(Registry registry, CancellationToken cancellation)
    {
        var document = await registry.Document(image.Digest, cancellation);
        var chosen = document.Then(top => Manifests.Choose(top, Executable.Here));
        if (!chosen.IsOk)
        {
            return chosen.Fault;
        }

        if (chosen.Value is { } one)
        {
            document = await registry.Document(one.Digest, cancellation);
        }

        var manifest = document.Then(Manifests.Manifest);
        if (!manifest.IsOk)
        {
            return manifest.Fault;
        }

        var bytes = manifest.Value.Layers.Sum(layer => Math.Max(layer.Size, 0));
        if (bytes > tools.Limits.BytesMax)
        {
            return Fault.Invalid($"The image's layers have {bytes} bytes; at most {tools.Limits.BytesMax} are fetched.");
        }

        var config = (await registry.Config(manifest.Value.Config, cancellation)).Then(read => Manifests.Config(read, Executable.Here));
        return config.IsOk ? (manifest.Value, config.Value) : config.Fault;
    }
}
