using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Sdk.Platform;

/// <param name="Next">What the next page begins after; null at the end.</param>
internal sealed record PlatformPage<T>(IReadOnlyList<T>? Items, string? Next);

internal sealed record CommandWish(string? Reason);

/// <summary>A secret of the instance's scope.</summary>
internal sealed record PlatformSecret(long Version, string Value, DateTimeOffset ChangedAt)
{
    public override string ToString() => $"PlatformSecret({Version}, hidden)";
}

/// <summary>A refusal (RFC 9457).</summary>
internal sealed record PlatformProblem(string? Title, string? Detail, string? Kind, JsonElement Errors)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Facts { get; set; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApplicationSettings))]
[JsonSerializable(typeof(PlatformApplication))]
[JsonSerializable(typeof(PlatformPage<PlatformApplication>))]
[JsonSerializable(typeof(ScopeSettings))]
[JsonSerializable(typeof(PlatformScope))]
[JsonSerializable(typeof(PlatformPage<PlatformScope>))]
[JsonSerializable(typeof(ScopeStatus))]
[JsonSerializable(typeof(VersionSettings))]
[JsonSerializable(typeof(PlatformVersion))]
[JsonSerializable(typeof(PlatformPage<PlatformVersion>))]
[JsonSerializable(typeof(DeploymentWish))]
[JsonSerializable(typeof(RollbackWish))]
[JsonSerializable(typeof(CommandWish))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(PlatformPage<Deployment>))]
[JsonSerializable(typeof(DeploymentEvent))]
[JsonSerializable(typeof(PlatformProblem))]
[JsonSerializable(typeof(PlatformSecret))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class PlatformApiJson : JsonSerializerContext;
