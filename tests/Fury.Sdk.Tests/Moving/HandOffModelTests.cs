using Fury.Sdk.Tests.Moving.Model;
using Xunit.Abstractions;

namespace Fury.Sdk.Tests.Moving;

/// <summary>
/// The protocol of the move, searched in all orders of steps of a few actors, who may die at any: a key stays one register. The search runs the very
/// function that the drivers run.
/// </summary>
public sealed class HandOffModelTests(ITestOutputHelper output)
{
    public static TheoryData<string> Kept => [.. Cases.Right.Select(@case => @case.Name)];

    public static TheoryData<string> Broken => [.. Cases.Broken.Select(@case => @case.Name)];

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_key_stays_one_register(string name)
    {
        var search = new Explorer(Cases.Right.Single(@case => @case.Name == name));

        var violation = search.Violation();

        Assert.True(violation is null, $"No register could have answered so: {string.Join(", ", violation ?? [])}");
        output.WriteLine($"{name}: {search.States:N0} states");
        Assert.True(search.States > 500, $"Only {search.States} states.");
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void The_search_finds_what_is_broken(string name)
    {
        var search = new Explorer(Cases.Broken.Single(@case => @case.Name == name));

        var violation = search.Violation();

        Assert.NotNull(violation);
        output.WriteLine($"{name}, after {search.States:N0} states: {string.Join(", ", violation)}");
    }
}
