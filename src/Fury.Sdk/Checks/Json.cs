using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fury.Sdk.Checks;

internal static class Json
{
    /// <summary>Reads what was written as another type, or not as JSON, as <see cref="FuryErrorCode.Corrupted"/>; the content is not shown.</summary>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, json)!;
        }
        catch (JsonException wrong)
        {
            throw new FuryException(FuryErrorCode.Corrupted, $"{what} is no JSON of {typeof(T).Name}, at {wrong.Path} of {utf8.Length} bytes.");
        }
    }
}
