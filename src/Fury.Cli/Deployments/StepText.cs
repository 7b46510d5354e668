using System.Globalization;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>Steps and locations as they are written on a command line.</summary>
internal static class StepText
{
    /// <summary><c>25 evidence 10m</c>: the weight, the gate, how long at least; the last two in any order, or left out.</summary>
    public static StepRequest Read(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is [] || Percent(words[0]) is not { } weight)
        {
            throw Bad(text);
        }

        var step = new StepRequest(weight);
        foreach (var word in words.Skip(1))
        {
            step = Word.Find<Gate>(word) is not null ? step with { Gate = word }
                : Spans.Seconds(word) is { } seconds ? step with { Seconds = seconds }
                : throw Bad(text);
        }

        return step;
    }

    /// <summary><c>local/this-machine/instances=60</c>.</summary>
    public static PlaceRequest Place(string text) => text.Split('=') switch
    {
        [var location] => new(location),
        [var location, var share] when Percent(share) is { } percent => new(location, percent),
        _ => throw CommandFailure.Usage($"--location is PROVIDER/REGION/GROUP or PROVIDER/REGION/GROUP=SHARE, not '{text}'."),
    };

    private static decimal? Percent(string text) =>
        decimal.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) ? percent : null;

    private static CommandFailure Bad(string text) => CommandFailure.Usage(
        $"--step is a weight, then perhaps timed, manual or evidence, and how long at least, e.g. \"25 evidence 10m\", not '{text}'.");
}
