using System.Globalization;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>Alone on the machine: it kills and freezes what it measures.</summary>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
[Collection(nameof(ChaosTests))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public Task Nothing_is_lost_or_doubled_when_hosts_and_PostgreSQL_are_killed_and_frozen_and_clocks_are_wrong() =>
        Survives(Seed ?? 9, new ChaosSize(Sagas: 1_500, Mishaps: TimeSpan.FromSeconds(25)));

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData(11)]
    [InlineData(12)]
    public Task Ten_thousand_sagas_survive_five_minutes_of_mishaps(int seed) =>
        Survives(Seed ?? seed, new ChaosSize(Sagas: 10_000, Mishaps: TimeSpan.FromMinutes(5)));

    /// <summary>To look for more than the fixed seeds find: another one, in <c>FURY_CHAOS_SEED</c>.</summary>
    private static int? Seed => int.TryParse(Environment.GetEnvironmentVariable("FURY_CHAOS_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    private async Task Survives(int seed, ChaosSize size)
    {
        await using var run = await ChaosRun.Prepare(seed, size, output);
        var violations = await run.Run();
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations.Prepend($"Seed {seed}:")));
    }
}
