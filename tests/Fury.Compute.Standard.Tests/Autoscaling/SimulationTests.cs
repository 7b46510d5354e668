using Xunit.Abstractions;

namespace Fury.Compute.Standard.Tests.Autoscaling;

/// <summary>Days of load against the reactive baseline in the same harness.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seed = 20261127;

    [Fact]
    public void Over_all_shapes_fewer_seconds_are_short_and_fewer_instance_hours_are_paid_than_by_reacting()
    {
        var (ours, theirs) = (new Cost(0, 0), new Cost(0, 0));
        foreach (var (name, load) in LoadShapes.All)
        {
            var (fury, reactive) = (Simulation.Fury(load, Seed), Simulation.Reactive(load, Seed));
            output.WriteLine($"{name,-20} {Text(fury)}, reactive {Text(reactive)}");
            (ours, theirs) = (ours + fury, theirs + reactive);
        }

        output.WriteLine($"seed {Seed}: {ours} against {theirs}");
        Assert.True(ours.UnderSeconds < theirs.UnderSeconds, $"{ours} against {theirs}");
        Assert.True(ours.InstanceHours < theirs.InstanceHours, $"{ours} against {theirs}");
    }

    private static string Text(Cost cost) => $"{cost.UnderSeconds,6:0} s {cost.InstanceHours,6:0} h";
}
