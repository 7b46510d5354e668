using System.Text.Json;

namespace Fury.LittleMonster;

/// <summary>
/// A saga of an older version, as <see cref="SagaBuilder{TInput}.Upgrade"/> is given it and gives it back. Tokens and tags follow the names of
/// steps, so a step that may have done something keeps its name.
/// </summary>
/// <param name="Step">The step it is at; must be a step of the new version when given back.</param>
/// <param name="Undoing">It is on its way back; <paramref name="Step"/> is the one being undone. Cannot be changed.</param>
/// <param name="Results">By step, as JSON; of steps that the new version does not have they are kept and never read.</param>
public sealed record SagaShape(string Step, bool Undoing, JsonElement Input, IReadOnlyDictionary<string, JsonElement> Results);
