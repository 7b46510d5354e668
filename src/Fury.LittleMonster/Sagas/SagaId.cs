using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.LittleMonster;

/// <summary>
/// One saga. 63 bits that sort by time: milliseconds since 2025-01-01 (41), the starting host (10), a counter (12). A string in JSON,
/// since a number of that size does not survive JavaScript.
/// </summary>
[JsonConverter(typeof(SagaIdJson))]
public readonly record struct SagaId(long Value)
{
    public static SagaId Parse(string text) => new(long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));

    public static bool TryParse(string? text, out SagaId id)
    {
        var ok = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        id = new(value);
        return ok;
    }

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

internal sealed class SagaIdJson : JsonConverter<SagaId>
{
    public override SagaId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new(value)
            : throw new JsonException("Must be a saga's id: decimal digits in a string.");

    public override void Write(Utf8JsonWriter writer, SagaId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
