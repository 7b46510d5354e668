using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The part of a saga that is one JSON document in its row: results by step, the fault, the reason of a cancel.</summary>
internal static class SagaCodec
{
    public static byte[] Data(SagaRecord saga)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("results");
            foreach (var (step, result) in saga.Results)
            {
                json.WritePropertyName(step);
                json.WriteRawValue(result.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
            if (saga.Fault is { } fault)
            {
                json.WritePropertyName("fault");
                JsonSerializer.Serialize(json, fault, FuryJson.Options);
            }

            if (saga.CancelReason is { } reason)
            {
                json.WriteString("cancel", reason);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static SagaRecord Apply(SagaRecord saga, ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        var root = document.RootElement;
        var results = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var result in root.GetProperty("results").EnumerateObject())
        {
            results[result.Name] = JsonSerializer.SerializeToUtf8Bytes(result.Value);
        }

        return saga with
        {
            Results = results.ToImmutable(),
            Fault = root.TryGetProperty("fault", out var fault) ? fault.Deserialize<Fault>(FuryJson.Options) : null,
            CancelReason = root.TryGetProperty("cancel", out var reason) ? reason.GetString() : null,
        };
    }

    public static IReadOnlyDictionary<string, JsonElement> Results(SagaRecord saga) =>
        saga.Results.ToDictionary(result => result.Key, result => JsonSerializer.Deserialize<JsonElement>(result.Value.Span));
}
