using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Collects what is wrong with an object.</summary>
internal sealed class Causes
{
    private const int CausesMax = 20;

    private readonly List<Cause> _causes = [];

    public void Add(string reason, string field, string message)
    {
        if (_causes.Count < CausesMax)
        {
            _causes.Add(new(reason, message, field));
        }
    }

    public void Required(string field, string why) => Add("FieldValueRequired", field, $"Required value: {why}");

    public void Invalid(string field, string? value, string expected) =>
        Add("FieldValueInvalid", field, $"Invalid value: \"{Refusal.Cut(value)}\": {expected}");

    public void AtLeastZero(JsonObject? parent, string path, string name)
    {
        if (parent.Node(name) is { } value && parent.Number(name) is not >= 0)
        {
            Invalid(path, value.Scalar(), "must be a number greater than or equal to 0");
        }
    }

    public void OneOf(JsonObject? parent, string path, string name, IReadOnlyList<string> supported)
    {
        if (parent.Text(name) is not { } value || !supported.Contains(value))
        {
            Add(
                "FieldValueNotSupported",
                path,
                $"Unsupported value: \"{parent.Scalar(name)}\": supported values: {string.Join(", ", supported.Select(item => $"\"{item}\""))}");
        }
    }

    /// <summary>Fields that stay as they were made.</summary>
    public void Immutable(JsonNode? now, JsonNode? before, string path, params ReadOnlySpan<string> names)
    {
        if (before is null)
        {
            return;
        }

        foreach (var name in names)
        {
            if (!JsonNode.DeepEquals(now.Node(name), before.Node(name)))
            {
                Invalid(path.Length == 0 ? name : $"{path}.{name}", now.Node(name)?.ToJsonString(), "field is immutable");
            }
        }
    }

    public void ThrowIfAny(Kind kind, string name)
    {
        if (_causes.Count > 0)
        {
            throw Refusal.Invalid(kind, name, _causes);
        }
    }
}
