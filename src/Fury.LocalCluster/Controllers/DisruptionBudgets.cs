using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Tells in the status of each disruption budget what it allows now.</summary>
internal sealed class DisruptionBudgets(Registry registry) : IController
{
    private readonly Selecting _selecting = new(
        registry.Store, AllKinds.DisruptionBudgets, budget => LabelSelector.Of(budget.Object("spec", "selector")));

    public void Note(Change change) => _selecting.Note(change);

    public DateTimeOffset? Pass()
    {
        foreach (var (entry, pods) in _selecting.Take())
        {
            var budget = entry.Read();
            var found = Disruptions.Of(budget, pods, registry.Store);
            if (TellsAlready(budget, found))
            {
                continue;
            }

            registry.Edit(entry, Writer.ClusterStatus, value =>
            {
                var status = value.Child("status");
                status["expectedPods"] = found.Expected;
                status["currentHealthy"] = found.Healthy;
                status["desiredHealthy"] = found.Desired;
                status["disruptionsAllowed"] = found.Allowed;
                status["observedGeneration"] = value.Number("metadata", "generation") ?? 1;
                Conditions.Set(
                    value,
                    "DisruptionAllowed",
                    found.Allowed > 0 ? "True" : "False",
                    found.Allowed > 0 ? "SufficientPods" : "InsufficientPods",
                    null,
                    registry.Clock.GetUtcNow());
            });
        }

        return null;
    }

    /// <summary>Most changes of pods change none of the counts.</summary>
    private static bool TellsAlready(JsonObject budget, Disruption found) =>
        budget.Object("status") is { } status
        && status.Number("expectedPods") == found.Expected
        && status.Number("currentHealthy") == found.Healthy
        && status.Number("desiredHealthy") == found.Desired
        && status.Number("disruptionsAllowed") == found.Allowed
        && status.Number("observedGeneration") == (budget.Number("metadata", "generation") ?? 1);
}
