using System.Text.Json.Serialization;

namespace Hello;

/// <summary>What <c>GET /</c> answers.</summary>
internal sealed record Greeting(string Message, string Version, string Scope, string Instance);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Greeting))]
internal sealed partial class HelloJson : JsonSerializerContext;
