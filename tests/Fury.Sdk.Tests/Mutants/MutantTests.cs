using Fury.Sdk.Conformance;
using Fury.Sdk.Tests.Conformance;

namespace Fury.Sdk.Tests.Mutants;

/// <summary>The suite notices: each mutant is killed by the test that is about what it breaks.</summary>
public sealed class MutantTests
{
    /// <summary>What breaks only where two meet is met by chance: a race that sees it in one of three runs sees it in one of these.</summary>
    private const int RunsMax = 10;

    private static readonly IReadOnlyList<Mutant> All = [.. StoreMutants.All, .. OtherMutants.All];

    public static TheoryData<string> Names => [.. All.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mutant_is_killed(string name)
    {
        var mutant = All.Single(each => each.Name == name);
        var test = ConformanceSuite.Tests.Single(each => each.Name == mutant.KilledBy);

        var verdict = ConformanceVerdict.Passed;
        for (var run = 0; run < RunsMax && verdict == ConformanceVerdict.Passed; run++)
        {
            verdict = (await ConformanceSuite.RunAsync(new LocalTarget(mutant.Break()), test)).Verdict;
        }

        Assert.True(verdict == ConformanceVerdict.Failed, $"'{mutant.KilledBy}' says {verdict} of a provider where {name}.");
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.True(All.Count >= 40, $"{All.Count} mutants.");

    [Fact]
    public async Task A_probe_finds_out_who_lies_about_conditions()
    {
        var lying = new LocalTarget(All.Single(each => each.Name == "kv ignores if-absent").Break());

        var attested = await ConformanceSuite.AttestAsync(lying, ServiceKind.KeyValue);

        Assert.False(attested.Has(Fury.Sdk.KeyValue.KeyValueCapabilities.Cas));
        Assert.True(attested.Has(Fury.Sdk.KeyValue.KeyValueCapabilities.TimeToLive));
        Assert.NotNull(attested.AttestedAt);
    }

    [Fact]
    public async Task A_probe_lets_an_honest_provider_be()
    {
        var attested = await ConformanceSuite.AttestAsync(new LocalTarget(), ServiceKind.Objects);

        Assert.True(attested.Has(Fury.Sdk.Objects.ObjectCapabilities.ConditionalCreate));
    }
}
