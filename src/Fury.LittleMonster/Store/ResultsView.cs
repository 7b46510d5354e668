using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Fury.LittleMonster;

/// <summary>Results by step, each read when it is asked for: most callers want one, or none.</summary>
internal sealed class ResultsView(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> results) : IReadOnlyDictionary<string, JsonElement>
{
    public int Count => results.Count;

    public IEnumerable<string> Keys => results.Keys;

    public IEnumerable<JsonElement> Values => results.Values.Select(Read);

    public JsonElement this[string key] => Read(results[key]);

    public bool ContainsKey(string key) => results.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out JsonElement value)
    {
        var found = results.TryGetValue(key, out var json);
        value = found ? Read(json) : default;
        return found;
    }

    public IEnumerator<KeyValuePair<string, JsonElement>> GetEnumerator() =>
        results.Select(result => KeyValuePair.Create(result.Key, Read(result.Value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static JsonElement Read(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<JsonElement>(json.Span);
}
