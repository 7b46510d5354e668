using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Tests.Conformance;

/// <summary>A provider with a server of its own under test.</summary>
internal sealed class RealServer(IReadOnlyList<IDriverFactory> factories, Func<ServiceKind, string, ServiceRoute> route, double share = 0.3)
    : ConformanceTarget
{
    /// <summary>All of them go through the provider in the process; of servers all in the long run.</summary>
    public override double ModelShare => share;

    public override string Name => Factories[0].Provider;

    public override IReadOnlyList<IDriverFactory> Factories => factories;

    public override ServiceRoute Route(ServiceKind kind, string resource) => route(kind, resource);

    /// <summary>The names of the tests of these kinds.</summary>
    public static TheoryData<string> Names(params ServiceKind[] kinds) =>
        [.. ConformanceSuite.Tests.Where(test => kinds.Contains(test.Kind)).Select(test => test.Name)];

    /// <summary>Tests of what the driver does not declare do not apply; these must be the given ones and no others.</summary>
    /// <param name="without">Capabilities that the driver does not have.</param>
    public async Task Keeps(string name, params Capability[] without)
    {
        var test = ConformanceSuite.Tests.Single(each => each.Name == name);
        var result = await ConformanceSuite.RunAsync(this, test);
        var expected = test.Requires.Any(without.Contains) ? ConformanceVerdict.NotApplicable : ConformanceVerdict.Passed;
        Assert.True(result.Verdict == expected, result.Detail);
    }
}
