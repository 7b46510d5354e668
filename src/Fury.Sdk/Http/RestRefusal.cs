using System.Text.Json;

namespace Fury.Sdk.Http;

/// <summary>
/// A provider's own word for an error, from its JSON. They stand at <c>error.status</c> (newer services of Google), <c>error.errors[0].reason</c> (older
/// ones), <c>error.code</c> (Azure), or are <c>error</c> itself (whoever gives tokens).
/// </summary>
internal static class RestRefusal
{
    /// <summary>Null where there is none, or it is no JSON.</summary>
    public static string? Word(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error)
                ? Text(error) ?? Text(Of(error, "status")) ?? Text(Of(First(Of(error, "errors")), "reason")) ?? Text(Of(error, "code"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Of(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static JsonElement First(JsonElement list) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 ? list[0] : default;

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
