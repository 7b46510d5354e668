using System.Text.Json;

namespace Fury.Kernel.Tests;

public sealed class JsonTests
{
    private sealed record Everything(
        PoolId Pool,
        ApplicationName Application,
        VersionName? Version,
        ComputeKind Kind,
        FaultKind Fault,
        ScopeRef Scope,
        IReadOnlyDictionary<PoolId, int> Weights);

    [Fact]
    public void Ids_and_names_are_bare_enums_are_kebab_case_and_all_of_it_comes_back()
    {
        var pool = PoolId.From(Guid.Parse("019365a0-0000-7000-8000-000000000001"));
        var given = new Everything(
            pool,
            ApplicationName.Parse("shop"),
            null,
            ComputeKind.Serverless,
            FaultKind.NotFound,
            ScopeRef.Parse("shop/production-web"),
            new Dictionary<PoolId, int> { [pool] = 100 });

        var json = JsonSerializer.Serialize(given, FuryJson.Options);
        Assert.Equal(
            """{"pool":"019365a0-0000-7000-8000-000000000001","application":"shop","kind":"serverless","fault":"not-found","scope":"""
            + """{"application":"shop","scope":"production-web"},"weights":{"019365a0-0000-7000-8000-000000000001":100}}""",
            json);

        var back = JsonSerializer.Deserialize<Everything>(json, FuryJson.Options)!;
        Assert.Equal(given with { Weights = back.Weights }, back);
        Assert.Equal(given.Weights, back.Weights);
    }

    [Theory]
    [InlineData("""{ "application": "Not A Name" }""")]
    [InlineData("""{ "application": 7 }""")]
    [InlineData("""{ "application": null }""")]
    [InlineData("""{ "pool": "seven" }""")]
    [InlineData("""{ "kind": 1 }""")]
    [InlineData("""{ "kind": "other" }""")]
    [InlineData("""{ "weights": { "seven": 1 } }""")]
    public void What_is_not_right_is_a_JSON_error_and_nothing_else(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Everything>(json, FuryJson.Options));

    [Fact]
    public void Ids_sort_by_the_time_they_were_made()
    {
        var clock = new LittleMonster.Testing.TestClock();
        var first = PoolId.New(clock);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = PoolId.New(clock);
        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
    }

    [Fact]
    public void Ids_parse_from_their_text_only()
    {
        var id = DeploymentId.New(TimeProvider.System);
        Assert.True(DeploymentId.TryParse(id.ToString(), out var back));
        Assert.Equal(id, back);
        Assert.False(DeploymentId.TryParse("x", out _));
        Assert.False(DeploymentId.TryParse(null, out _));
    }
}
