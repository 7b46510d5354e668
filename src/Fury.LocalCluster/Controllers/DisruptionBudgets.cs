namespace Fury.LocalCluster;

/// <summary>Tells in the status of each disruption budget what it allows now.</summary>
internal sealed class DisruptionBudgets(Registry registry) : IController
{
    private readonly Selecting _selecting = new(AllKinds.DisruptionBudgets, budget => LabelSelector.Of(budget.Object("spec", "selector")));

    public void Note(Change change) => _selecting.Note(change);

    public DateTimeOffset? Pass()
    {
        foreach (var (entry, _) in _selecting.Take(registry.Store))
        {
            var found = Disruptions.Of(entry.Read(), registry.Store, entry.Namespace!);
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
}
