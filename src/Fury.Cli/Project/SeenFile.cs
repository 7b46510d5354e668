using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>What <c>fury diff</c> has seen, in a file, so that <c>fury apply</c> can tell what has changed since.</summary>
internal static class SeenFile
{
    public static void Write(string path, IReadOnlyList<Found> there)
    {
        var seen = there.Select(one => new Seen(one.Place.Thing, one.Place.Name, one.Place.Path, one.Body, one.Tag));
        var text = JsonSerializer.Serialize(seen, FuryJson.Options);
        try
        {
            // Variables may be nobody else's business.
            OwnFile.Write(path, stream =>
            {
                using var file = new StreamWriter(stream);
                file.WriteLine(text);
            });
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} can't be written: {denied.Message}");
        }
    }

    public static IReadOnlyList<Found> Read(string path)
    {
        try
        {
            var seen = JsonSerializer.Deserialize<List<Seen>>(File.ReadAllText(path), FuryJson.Options) ?? [];
            return [.. seen.Select(one => new Found(new(one.Thing, one.Name, one.Path), one.Body, one.Tag))];
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or JsonException)
        {
            throw CommandFailure.Usage($"{path} is none that 'fury diff --save' has written: {unread.Message}");
        }
    }

    private sealed record Seen(Thing Thing, string Name, string Path, JsonObject Body, string? Tag);
}
