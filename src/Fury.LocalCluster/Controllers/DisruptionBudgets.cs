namespace Fury.LocalCluster;

/// <summary>Tells in the status of each disruption budget what it allows now.</summary>
internal sealed class DisruptionBudgets(Registry registry) : IController
{
    private readonly HashSet<string> _namespaces = [];

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.DisruptionBudgets || change.Entry.Kind == AllKinds.Pods || change.Entry.Kind == AllKinds.ReplicaSets)
        {
            _namespaces.Add(change.Entry.Namespace!);
        }
    }

    public DateTimeOffset? Pass()
    {
        foreach (var entry in registry.Store.All(AllKinds.DisruptionBudgets, budget => _namespaces.Contains(budget.Namespace!)))
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
                PodStatus.SetCondition(
                    value,
                    "DisruptionAllowed",
                    found.Allowed > 0 ? "True" : "False",
                    found.Allowed > 0 ? "SufficientPods" : "InsufficientPods",
                    null,
                    registry.Clock.GetUtcNow());
            });
        }

        _namespaces.Clear();
        return null;
    }
}
