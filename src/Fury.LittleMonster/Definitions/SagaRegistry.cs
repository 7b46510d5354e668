using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The definitions that this host can run, built once.</summary>
internal sealed class SagaRegistry
{
    private readonly Lazy<Definitions> _definitions;

    /// <param name="sagas">Asked for at first use: a saga may be made of what itself starts sagas.</param>
    public SagaRegistry(Func<IEnumerable<Saga>> sagas) => _definitions = new(() => new Definitions(sagas()));

    public IReadOnlyCollection<SagaDefinition> All => _definitions.Value.ByName.Values;

    /// <summary>Null when this host does not know it.</summary>
    public SagaDefinition? Find(string name, int version) => _definitions.Value.ByName.GetValueOrDefault((name, version));

    public SagaDefinition Of<TSaga>() => _definitions.Value.ByType.TryGetValue(typeof(TSaga), out var definition)
        ? definition
        : throw new InvalidOperationException($"{typeof(TSaga).Name} is not registered: services.AddSaga<{typeof(TSaga).Name}>().");

    /// <summary>What may not change under live sagas: names, order and classes of the steps, and the pivot.</summary>
    public static string Manifest(SagaDefinition definition) => JsonSerializer.Serialize(
        new
        {
            pivot = Math.Min(definition.Pivot, definition.Steps.Count),
            steps = definition.Steps.Select(step => new
            {
                step.Name,
                Kind = step.IsPoll ? "poll" : "step",
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
        }

        public Dictionary<(string Name, int Version), SagaDefinition> ByName { get; } = [];

        public Dictionary<Type, SagaDefinition> ByType { get; } = [];
    }
}
