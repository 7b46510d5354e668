using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Providers.Gcp;

/// <summary>How Google writes JSON: camel case, what is not there left out, and numbers of 64 bits as text.</summary>
internal static class GcpJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };
}
