using System.CommandLine;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Project;

internal static class DiffCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var options = new ManifestOptions();
        var save = new Option<string?>("--save") { Description = "Writes what is there into a file, for 'fury apply --seen'.", HelpName = "FILE" };
        return new FuryCommand(
                "diff",
                "What 'fury apply' would create and change, field by field. Exit code 0: nothing, 1: something, 5: the host has refused to say.",
                "fury diff",
                "fury diff --file deploy/fury.yaml --save seen.json",
                "fury diff --prune -o json")
            .With(options.All)
            .With(save)
            .Runs(globals, async (call, cancellation) =>
            {
                try
                {
                    var (moves, there, _) = await options.Plan(call, cancellation);
                    if (call.Value(save) is { } file)
                    {
                        SeenFile.Write(file, there);
                    }

                    Write(call, moves);
                    return moves.Any(MoveText.IsWork) ? ExitCode.Failed : ExitCode.Ok;
                }
                catch (CommandFailure failure) when (failure.ExitCode == ExitCode.Failed)
                {
                    throw new CommandFailure(ExitCode.Unknown, failure.Message, failure.Lines) { StatusCode = failure.StatusCode, Json = failure.Json };
                }
            });
    }

    private static void Write(Invocation call, IReadOnlyList<Move> moves)
    {
        if (call.Json)
        {
            call.Out.WriteLine(MoveText.Json(moves));
            return;
        }

        foreach (var line in moves.SelectMany(move => MoveText.Lines(move, call.Wide)))
        {
            call.Out.WriteLine(line);
        }

        call.Out.WriteLine(moves.Any(MoveText.IsWork) ? MoveText.Sum(moves) : $"Nothing to do: {MoveText.Sum(moves)}");
    }
}

internal static class SchemaCommand
{
    public static FuryCommand Create(Globals globals) =>
        new FuryCommand("schema", $"The JSON schema of {FuryYaml.FileName}, for editors.", "fury schema > fury.schema.json")
            .Runs(globals, (call, _) =>
            {
                call.Out.WriteLine(ManifestSchema.Json);
                return Task.CompletedTask;
            });
}
