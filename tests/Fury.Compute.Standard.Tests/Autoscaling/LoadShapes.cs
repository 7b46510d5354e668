namespace Fury.Compute.Standard.Tests.Autoscaling;

/// <summary>
/// Loads by time, in replicas at full use, as services show them. They are made by a fixed seed and are no recordings of anybody's traffic.
/// </summary>
internal static class LoadShapes
{
    public static readonly IReadOnlyDictionary<string, Func<TimeSpan, Random, double>> All = new Dictionary<string, Func<TimeSpan, Random, double>>
    {
        ["day and night"] = (at, chance) => Noisy(chance, 0.06, Day(at, 6, 34)),
        ["office hours"] = (at, chance) => Noisy(chance, 0.06, at.Hours is >= 8 and < 19 ? Day(at, 10, 30) : 4),
        ["every hour a batch"] = (at, chance) => Noisy(chance, 0.05, Day(at, 8, 16) + (at.Minutes is >= 30 and < 42 ? 14 : 0)),
        ["lunch and evening"] = (at, chance) => Noisy(chance, 0.06, Day(at, 5, 15) + Hill(at, 12.5, 0.7, 18) + Hill(at, 20, 1, 25)),
        ["flash crowds"] = (at, chance) => Noisy(chance, 0.06, Day(at, 6, 20) + Crowd(at)),
        ["noise alone"] = (_, chance) => Noisy(chance, 0.2, 15),
    };

    private static double Day(TimeSpan at, double low, double high) =>
        low + ((high - low) * 0.5 * (1 - Math.Cos((at.TotalHours - 4) / 24 * 2 * Math.PI)));

    private static double Hill(TimeSpan at, double hour, double width, double height) =>
        height * Math.Exp(-Math.Pow((at.TotalHours % 24) - hour, 2) / (2 * width * width));

    /// <summary>At another time on each day, up within three minutes and gone within an hour.</summary>
    private static double Crowd(TimeSpan at)
    {
        var since = (at.TotalHours % 24) - (9 + (5.3 * at.Days % 11));
        return since is < 0 or > 1.5 ? 0 : since < 0.05 ? 30 * since / 0.05 : 30 * Math.Exp(-(since - 0.05) / 0.25);
    }

    private static double Noisy(Random chance, double part, double load)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());
        return Math.Max(0, load * (1 + (part * normal)));
    }
}
