using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Project;

/// <summary>Moves as people read them, and as JSON.</summary>
internal static class MoveText
{
    public static string Field(Difference one) => $"{one.Field}: {one.Old ?? "(none)"} -> {one.New ?? "(none)"}";

    public static IEnumerable<string> Lines(Move move, bool withKept)
    {
        var fields = Fields(move) ?? [];
        switch (move)
        {
            case Create:
                yield return $"+ {move.Place}";
                foreach (var field in fields)
                {
                    yield return Plain.Text($"    {field.Field}: {field.New}");
                }

                break;
            case Change:
                yield return $"~ {move.Place}";
                foreach (var field in fields)
                {
                    yield return Plain.Text($"    {Field(field)}");
                }

                break;
            case Remove:
                yield return $"- {move.Place}";
                break;
            case Leave:
                yield return $"? {move.Place} is not in {FuryYaml.FileName}; with --prune it is removed";
                break;
            default:
                if (withKept)
                {
                    yield return $"= {move.Place}";
                }

                break;
        }
    }

    /// <summary><c>2 to create, 1 to change, 5 as they are.</c></summary>
    public static string Sum(IReadOnlyList<Move> moves)
    {
        (int Count, string What)[] sums =
        [
            (moves.Count(move => move is Create), "to create"),
            (moves.Count(move => move is Change), "to change"),
            (moves.Count(move => move is Remove), "to remove"),
            (moves.Count(move => move is Keep), "as they are"),
        ];
        return $"{string.Join(", ", sums.Where(sum => sum.Count > 0).Select(sum => $"{sum.Count} {sum.What}"))}.";
    }

    /// <summary>A plan, for <c>-o json</c>.</summary>
    public static string Json(IReadOnlyList<Move> moves)
    {
        var all = moves.Select(move => new { Move = Verb(move), Thing = Word.Of(move.Place.Thing), move.Place.Name, Fields = Fields(move) });
        return JsonSerializer.Serialize(new { Moves = all }, FuryJson.Options);
    }

    public static string Verb(Move move) => move switch
    {
        Create => "create",
        Change => "change",
        Remove => "remove",
        Leave => "leave",
        _ => "keep",
    };

    public static bool IsWork(Move move) => move is Create or Change or Remove;

    /// <summary>Of what is made, all that is said; null where there is nothing to tell field by field.</summary>
    private static IReadOnlyList<Difference>? Fields(Move move) => move switch
    {
        Create create => Differences.Between(create.Place.Shape, create.Body, new JsonObject()),
        Change change => change.Fields,
        _ => null,
    };
}
