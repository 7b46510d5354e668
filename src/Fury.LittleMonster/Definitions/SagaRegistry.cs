using System.Collections.Concurrent;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The definitions that this host can run, built once.</summary>
internal sealed class SagaRegistry
{
    private readonly Lazy<Definitions> _definitions;
    private readonly ConcurrentDictionary<(string, int), IReadOnlyList<string>> _stepsOf = new();

    /// <param name="sagas">Asked for at first use: a saga may be made of what itself starts sagas.</param>
    public SagaRegistry(Func<IEnumerable<Saga>> sagas) => _definitions = new(() => new Definitions(sagas()));

    public IReadOnlyCollection<SagaDefinition> All => _definitions.Value.ByName.Values;

    /// <summary>Null when this host does not know it.</summary>
    public SagaDefinition? Find(string name, int version) => _definitions.Value.ByName.GetValueOrDefault((name, version));

    /// <summary>
    /// What a live saga goes on by: its own version, or the newest that takes sagas of that version over. Null when this host knows neither.
    /// </summary>
    public SagaDefinition? Resolve(string name, int version) => Find(name, version)
        ?? All.Where(definition => definition.Name == name && definition.Upgrades.ContainsKey(version)).MaxBy(definition => definition.Version);

    public SagaDefinition Of(Type saga) => _definitions.Value.ByType.TryGetValue(saga, out var definition)
        ? definition
        : throw new InvalidOperationException($"{saga.Name} is not registered: services.AddSaga<{saga.Name}>().");

    /// <summary>The name of a step, also of versions that only the database still knows.</summary>
    public string StepName(string name, int version, int step) =>
        Find(name, version) is { } definition && step < definition.Steps.Count ? definition.Steps[step].Name
        : _stepsOf.TryGetValue((name, version), out var steps) && step < steps.Count ? steps[step]
        : $"#{step}";

    /// <summary>The names of the steps of a version that is not registered here. Throws <see cref="KeyNotFoundException"/> when nobody ever was.</summary>
    public IReadOnlyList<string> StepsOf(string name, int version) => _stepsOf[(name, version)];

    /// <summary>Notes what the database says of a version's steps.</summary>
    public void Remember(string name, int version, string manifest)
    {
        using var document = JsonDocument.Parse(manifest);
        _stepsOf[(name, version)] =
            [.. document.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString() ?? "")];
    }

    /// <summary>What may not change under live sagas: names, order and classes of the steps, and the pivot.</summary>
    public static string Manifest(SagaDefinition definition) => JsonSerializer.Serialize(
        new
        {
            pivot = Math.Min(definition.Pivot, definition.Steps.Count),
            steps = definition.Steps.Select(step => new
            {
                step.Name,
                Kind = step.Kind is StepKind.Call ? "step" : step.Kind.ToString().ToLowerInvariant(),
                step.Effect,
                Undo = step.Undo is not null,
            }),
        },
        FuryJson.Options);

    private sealed class Definitions
    {
        public Definitions(IEnumerable<Saga> sagas)
        {
            foreach (var definition in sagas.Select(saga => saga.Build()))
            {
                if (!ByName.TryAdd((definition.Name, definition.Version), definition))
                {
                    throw new InvalidOperationException($"Two sagas are named {definition.Name} version {definition.Version}.");
                }

                ByType[definition.Type] = definition;
            }

            foreach (var definition in ByName.Values)
            {
                foreach (var step in definition.Steps.Where(step => step.Child is not null))
                {
                    CheckChild(definition, step, ByType.GetValueOrDefault(step.Child!));
                }
            }
        }

        private static void CheckChild(SagaDefinition definition, StepDefinition step, SagaDefinition? child)
        {
            if (child is null)
            {
                throw new InvalidOperationException($"Saga {definition.Name} starts {step.Child!.Name}, which is not registered.");
            }

            if (child.HasPivot && step.Index < definition.Pivot)
            {
                throw new InvalidOperationException(
                    $"Step '{step.Name}' of saga {definition.Name} could not be undone: {child.Name} has a pivot. Put it behind the pivot.");
            }
        }

        public Dictionary<(string Name, int Version), SagaDefinition> ByName { get; } = [];

        public Dictionary<Type, SagaDefinition> ByType { get; } = [];
    }
}
