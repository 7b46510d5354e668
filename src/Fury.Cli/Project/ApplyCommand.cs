using System.CommandLine;
using Fury.Cli.CommandLine;

namespace Fury.Cli.Project;

internal static class ApplyCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var options = new ManifestOptions();
        var seen = new Option<string?>("--seen")
        {
            Description = "Does nothing if anything is not as 'fury diff --save' has seen it.",
            HelpName = "FILE",
        };
        return new FuryCommand(
                "apply",
                $"Makes it as {FuryYaml.FileName} says. Again it does nothing; after a failure it does the rest.",
                "fury apply",
                "fury apply --file deploy/fury.yaml --seen seen.json",
                "fury apply --prune")
            .With(options.All)
            .With(seen, globals.By)
            .Runs(globals, async (call, cancellation) =>
            {
                var (moves, there, folder) = await options.Plan(call, cancellation);
                if (call.Value(seen) is { } file && Planner.Since(SeenFile.Read(file), there) is { Count: > 0 } news)
                {
                    throw new CommandFailure(ExitCode.Failed, "Nothing was done: it has changed since it was seen. Look again with 'fury diff'.", news);
                }

                await Do(call, folder, [.. moves.Where(MoveText.IsWork)], cancellation);
                Tell(call, moves);
            });
    }

    private static async Task Do(Invocation call, string folder, IReadOnlyList<Move> moves, CancellationToken cancellation)
    {
        // A secret that can't be read is found out before anything has been changed.
        var works = moves.Select(new Doing(call.Api, call.By, folder).Ready).ToList();
        for (var index = 0; index < moves.Count; index++)
        {
            var move = moves[index];
            try
            {
                await works[index](cancellation);
            }
            catch (CommandFailure failure)
            {
                var since = await Since(call, move, failure, cancellation);
                throw new CommandFailure(
                    failure.ExitCode,
                    $"Could not {MoveText.Verb(move)} {move.Place}: {failure.Message}",
                    [
                        .. failure.Lines, .. since, Sum("Done before", moves.Take(index)), Sum("Not done", moves.Skip(index)),
                        "'fury apply' again does the rest.",
                    ])
                {
                    StatusCode = failure.StatusCode,
                    Json = failure.Json,
                };
            }

            if (!call.Json)
            {
                call.Out.WriteLine(string.Join('\n', MoveText.Lines(move, false)));
            }
        }
    }

    /// <summary>Whose change was it? At least what has changed can be told.</summary>
    private static async Task<IEnumerable<string>> Since(Invocation call, Move move, CommandFailure failure, CancellationToken cancellation)
    {
        if (failure.StatusCode is not (409 or 412)
            || move is not Change { Before: var before } || await new Reality(call.Api).Again(move.Place, cancellation) is not { } now)
        {
            return [];
        }

        return Planner.Since(before, now).Select(line => $"Somebody has changed {line}");
    }

    private static void Tell(Invocation call, IReadOnlyList<Move> moves)
    {
        if (call.Json)
        {
            call.Out.WriteLine(MoveText.Json(moves));
            return;
        }

        var (done, kept) = (moves.Count(MoveText.IsWork), moves.Count(move => move is Keep));
        call.Out.WriteLine(done == 0 ? $"Nothing to do: {kept} as they are." : $"Done: {done}; {kept} as they were.");
        foreach (var left in moves.OfType<Leave>())
        {
            call.Out.WriteLine(string.Join('\n', MoveText.Lines(left, false)));
        }
    }

    private static string Sum(string what, IEnumerable<Move> moves) =>
        $"{what}: {(moves.Any() ? string.Join(", ", moves.Select(move => $"{MoveText.Verb(move)} {move.Place}")) : "nothing")}.";
}
