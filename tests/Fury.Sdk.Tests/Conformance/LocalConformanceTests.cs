using Fury.Sdk.Conformance;
using Fury.Sdk.Local;
using Fury.Sdk.Tests.Matrix;

namespace Fury.Sdk.Tests.Conformance;

/// <summary>The local provider keeps every promise that it says it can keep.</summary>
[RunsAgainst(LocalProvider.Name, "itself, in time by hand")]
public sealed class LocalConformanceTests
{
    public static TheoryData<string> Names => [.. ConformanceSuite.Tests.Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_local_provider_keeps(string name)
    {
        var result = await ConformanceSuite.RunAsync(new LocalTarget(), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict == ConformanceVerdict.Passed, result.Detail);
    }

    [Fact]
    public void Every_promise_has_a_name_of_its_own() =>
        Assert.Equal(ConformanceSuite.Tests.Count, ConformanceSuite.Tests.Select(test => test.Name).Distinct().Count());

    [Fact]
    public void Every_kind_of_service_is_held_to_something() =>
        Assert.Equal(Enum.GetValues<ServiceKind>().Order(), ConformanceSuite.Tests.Select(test => test.Kind).Distinct().Order());
}
