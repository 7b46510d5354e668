using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Providers.Azure;

/// <summary>How Azure writes JSON: camel case, what is not there left out.</summary>
internal static class AzureJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
