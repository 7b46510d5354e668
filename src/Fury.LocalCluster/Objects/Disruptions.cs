using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a disruption budget finds of its pods.</summary>
/// <param name="Allowed">How many healthy ones may be disturbed now.</param>
internal sealed record Disruption(int Expected, int Healthy, int Desired, int Allowed);

/// <summary>Disruption budgets: how many of a group of pods must stay healthy while others are moved.</summary>
internal static class Disruptions
{
    /// <summary>Refuses with <c>429</c> when a budget is against it. Under the store's lock, so that two evictions do not use one allowance.</summary>
    public static void Allow(Registry registry, Entry pod)
    {
        // A pod that does not serve anyway is no loss.
        if (pod.Deleting || pod.Pod is not { Ready: true })
        {
            return;
        }

        var budgets = registry.Store.All(AllKinds.DisruptionBudgets, budget => budget.Namespace == pod.Namespace)
            .Select(budget => (Entry: budget, Value: budget.Read()))
            .Where(budget => LabelSelector.Of(budget.Value.Object("spec", "selector"))?.Matches(pod.Labels) == true)
            .ToList();
        if (budgets.Count > 1)
        {
            throw Refusal.ServerError(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        foreach (var (entry, value) in budgets)
        {
            var found = Of(value, PodsOf(value, registry.Store, entry.Namespace!), registry.Store);
            if (found.Allowed <= 0)
            {
                throw Refusal.DisruptionBudget($"The disruption budget {entry.Name} needs {found.Desired} healthy pods and has {found.Healthy} currently");
            }
        }
    }

    /// <param name="pods">Those of the budget that have not ended.</param>
    public static Disruption Of(JsonObject budget, IReadOnlyCollection<Entry> pods, ObjectStore store)
    {
        var healthy = pods.Count(pod => pod is { Deleting: false, Pod.Ready: true });
        var expected = Expected(pods, store);
        var desired = (budget.Node("spec", "minAvailable"), budget.Node("spec", "maxUnavailable")) switch
        {
            ({ } least, _) => Part(least, expected),
            (_, { } most) => Math.Max(0, expected - Part(most, expected)),
            _ => Math.Max(0, expected - 1),
        };
        return new(expected, healthy, desired, expected == 0 ? 0 : Math.Max(0, healthy - desired));
    }

    private static List<Entry> PodsOf(JsonObject budget, ObjectStore store, string ns)
    {
        var selector = LabelSelector.Of(budget.Object("spec", "selector")) ?? new([]);
        return store.All(AllKinds.Pods, pod => pod.Namespace == ns && pod.Pod is { HasEnded: false } && selector.Matches(pod.Labels));
    }

    /// <summary>What the controllers of the pods want in all; a pod without one counts for itself.</summary>
    private static int Expected(IReadOnlyCollection<Entry> pods, ObjectStore store)
    {
        var alone = pods.Count(pod => pod.Pod!.Controller == Guid.Empty);
        return alone + pods.Select(pod => pod.Pod!.Controller).Where(uid => uid != Guid.Empty).Distinct()
            .Sum(uid => (int)(store.Find(uid)?.Read().Number("spec", "replicas") ?? pods.Count(pod => pod.Pod!.Controller == uid)));
    }

    /// <summary>A number, or a share of the whole, rounded up.</summary>
    private static int Part(JsonNode value, int whole)
    {
        if (value.Text() is { } text && text.EndsWith('%')
            && int.TryParse(text[..^1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var percent))
        {
            return ((whole * percent) + 99) / 100;
        }

        return (int)(value.Number() ?? 0);
    }
}
