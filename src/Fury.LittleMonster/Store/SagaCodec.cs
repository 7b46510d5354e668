using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>The part of a saga that is one JSON document in its row: results by step, early signals, the fault, the reason of a cancel.</summary>
internal static class SagaCodec
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static byte[] Data(SagaRecord saga)
    {
        // Written for every transition, so the writer is kept.
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        var json = _writer ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        Write(json, "results", saga.Results);
        if (saga.Signals.Count > 0)
        {
            Write(json, "signals", saga.Signals);
        }

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
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static SagaRecord Apply(SagaRecord saga, ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        var root = document.RootElement;
        return saga with
        {
            Results = Read(root, "results", saga.Results),
            Signals = Read(root, "signals", saga.Signals),
            Fault = root.TryGetProperty("fault", out var fault) ? fault.Deserialize<Fault>(FuryJson.Options) : null,
            CancelReason = root.TryGetProperty("cancel", out var reason) ? reason.GetString() : null,
        };
    }

    /// <summary>One result out of a document, without reading the rest.</summary>
    public static JsonElement? Result(byte[]? data, string? step)
    {
        if (data is null || step is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(data);
        return document.RootElement.GetProperty("results").TryGetProperty(step, out var result) ? result.Clone() : null;
    }

    /// <summary>Why a saga is where it is, out of a document.</summary>
    public static string? FaultMessage(byte[]? data)
    {
        if (data is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(data);
        return document.RootElement.TryGetProperty("fault", out var fault) ? fault.Deserialize<Fault>(FuryJson.Options)?.Message : null;
    }

    /// <summary>As an array; a copy only where it is part of a larger one.</summary>
    public static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var part) && part.Array is { } whole && whole.Length == part.Count ? whole : memory.ToArray();

    private static void Write(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WritePropertyName(key);
            json.WriteRawValue(value.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Read(
        JsonElement root, string name, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> none) => root.TryGetProperty(name, out var values)
        ? none.AddRange(values.EnumerateObject().Select(value =>
            KeyValuePair.Create(value.Name, (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(value.Value))))
        : none;
}
