using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Azure;

/// <summary>A refusal as the Azure Resource Manager writes it.</summary>
internal sealed class AzureError(int status, string code, string message, int? retryAfter = null) : Exception(message)
{
    public int Status => status;

    /// <summary>Seconds; null: it says nothing.</summary>
    public int? RetryAfter => retryAfter;

    public static AzureError Invalid(string message) => new(400, "InvalidParameter", message);

    public static AzureError NotFound(string resource) => new(404, "ResourceNotFound", $"The Resource '{resource}' was not found.");

    public JsonObject Body() => new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = Message } };
}
