using System.Globalization;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

internal static class ChaosOrders
{
    /// <summary>Sagas of one concurrency key, of all kinds that have one.</summary>
    private const int SagasPerApp = 5;

    public static IReadOnlyList<ChaosOrder> Of(int seed, int count)
    {
        var chance = Chance.Of(seed, "orders");
        var mix = ChaosKinds.All.SelectMany(kind => Enumerable.Repeat(kind.Name, kind.Share)).ToArray();
        var apps = (count + SagasPerApp - 1) / SagasPerApp;
        return [.. Enumerable.Range(1, count).Select(n => new ChaosOrder(Name("order", n), Name("app", chance.Next(apps)), chance.OneOf(mix)))];
    }

    private static string Name(string what, int n) => string.Create(CultureInfo.InvariantCulture, $"{what}-{n}");
}
