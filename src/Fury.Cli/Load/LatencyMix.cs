using System.Globalization;

namespace Fury.Cli.Load;

/// <summary>
/// How long the target is asked to take, by the query <c>latency</c> in milliseconds: drawn by weight under a fixed seed, so that request
/// number n asks for the same in every run.
/// </summary>
internal sealed class LatencyMix
{
    /// <summary>Mostly at once, some slow, a few that take the longest a deployment must bear.</summary>
    public const string Default = "0:90,50:7,500:2,2000:1";

    private const int DrawsLength = 4096;
    private readonly int[] _draws;

    private LatencyMix(IReadOnlyList<(int Milliseconds, int Weight)> choices, int seed)
    {
        var random = new Random(seed);
        var total = choices.Sum(choice => choice.Weight);
        _draws = new int[DrawsLength];
        for (var index = 0; index < DrawsLength; index++)
        {
            var left = random.Next(total);
            _draws[index] = choices.First(choice => (left -= choice.Weight) < 0).Milliseconds;
        }
    }

    /// <summary>Reads <c>milliseconds:weight,…</c>; false when it is none.</summary>
    public static bool TryParse(string text, int seed, out LatencyMix? mix)
    {
        mix = null;
        var choices = new List<(int, int)>();
        foreach (var part in text.Split(','))
        {
            if (part.Split(':') is not [var milliseconds, var weight]
                || !int.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var delay) || delay > 60_000
                || !int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var share) || share > 1_000_000)
            {
                return false;
            }

            choices.Add((delay, share));
        }

        if (choices.Sum(choice => choice.Item2) == 0)
        {
            return false;
        }

        mix = new LatencyMix(choices, seed);
        return true;
    }

    public static LatencyMix Seeded(int seed, string text = Default) =>
        TryParse(text, seed, out var mix) ? mix! : throw new FormatException($"'{text}' is no mix such as {Default}.");

    public int Milliseconds(long request) => _draws[request % DrawsLength];
}
