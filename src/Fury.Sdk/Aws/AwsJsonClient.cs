using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Aws;

[JsonSerializable(typeof(AwsRefusal))]
internal sealed partial class AwsJson : JsonSerializerContext;

/// <param name="Type">The name of the error, possibly with a namespace and <c>#</c> before it.</param>
internal sealed record AwsRefusal([property: JsonPropertyName("__type")] string? Type)
{
    public string? Word => Type?[(Type.LastIndexOf('#') + 1)..];
}

/// <summary>Calls of those services of AWS that speak JSON: the operation is in a header, everything else in the body.</summary>
/// <param name="target">What operations begin with, e.g. <c>DynamoDB_20120810</c>.</param>
internal sealed class AwsJsonClient(
    DriverContext context, string name, string service, string target, string version, int connectionsMax = HttpConnections.ConnectionsMax)
    : AwsClient(context, name, service, connectionsMax)
{
    /// <exception cref="FuryException">With the name of the error as its <see cref="FuryException.ProviderCode"/>.</exception>
    public async ValueTask<TAnswer> Call<TRequest, TAnswer>(
        string operation, TRequest request, JsonTypeInfo<TRequest> ask, JsonTypeInfo<TAnswer> answer, CancellationToken cancellation)
    {
        var body = await Send(
            $"application/x-amz-json-{version}", $"{target}.{operation}", JsonSerializer.SerializeToUtf8Bytes(request, ask), cancellation);
        try
        {
            return JsonSerializer.Deserialize(body.Length == 0 ? "{}"u8 : body, answer)!;
        }
        catch (JsonException error)
        {
            throw Unreadable(error);
        }
    }

    protected override string? Word(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, AwsJson.Default.AwsRefusal)?.Word;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
