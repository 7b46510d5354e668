using System.CommandLine;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Project;

/// <summary>What <c>fury diff</c> and <c>fury apply</c> have in common.</summary>
internal sealed class ManifestOptions
{
    private readonly Option<FileInfo?> _file = new("--file", "-f")
    {
        Description = $"The manifest. Otherwise the {FuryYaml.FileName} of this folder, or of the nearest one above.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _prune = new("--prune")
    {
        Description = "Removes what the file could name and does not: bindings and schedules of its scopes, and freezes and webhooks, where it names any, "
            + "that are about its applications alone.",
    };

    public Option[] All => [_file, _prune];

    /// <summary>What is to be done now, with what is there, and the folder of the manifest.</summary>
    public async Task<(IReadOnlyList<Move> Moves, IReadOnlyList<Found> There, string Folder)> Plan(Invocation call, CancellationToken cancellation)
    {
        var (document, folder) = Read(call);
        var wishes = Wishes.Of(document);
        if (wishes.Count == 0)
        {
            throw CommandFailure.Usage($"The {FuryYaml.FileName} declares nothing: it has no applications, freezes or webhooks.");
        }

        var there = await new Reality(call.Api).Of(wishes, cancellation);
        return (Planner.Plan(wishes, there, call.Value(_prune)), there, folder);
    }

    private (JsonObject Document, string Folder) Read(Invocation call)
    {
        if (call.Value(_file) is { } file)
        {
            return (FuryYaml.Document(file.FullName), file.DirectoryName!);
        }

        return FuryYaml.FindDocument(Directory.GetCurrentDirectory())
            ?? throw CommandFailure.Usage($"There is no {FuryYaml.FileName} in this folder or one above. Name one with --file.");
    }
}
