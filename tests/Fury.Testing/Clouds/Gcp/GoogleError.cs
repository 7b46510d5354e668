using System.Text.Json.Nodes;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>A refusal as Google writes it: Compute Engine with a reason among <c>errors</c>, newer services with a status and details.</summary>
internal sealed class GoogleError(int code, string message, string? reason = null, string? status = null, string? detail = null) : Exception(message)
{
    public int Code => code;

    public static GoogleError Invalid(string field, object? value, string right) =>
        new(400, $"Invalid value for field '{field}': '{value}'. {right}", "invalid");

    public static void Checked(Action check)
    {
        try
        {
            check();
        }
        catch (ShapeException wrong)
        {
            throw new GoogleError(400, $"Invalid JSON payload received. {wrong.Message}", "badRequest", "INVALID_ARGUMENT");
        }
    }

    public static GoogleError NotFound(string resource) => new(404, $"The resource '{resource}' was not found", "notFound");

    public static GoogleError AlreadyExists(string resource) => new(409, $"The resource '{resource}' already exists", "alreadyExists");

    public static GoogleError Unauthenticated() =>
        new(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.", "authError", "UNAUTHENTICATED");

    public static GoogleError Broken() => new(503, "The service is currently unavailable.", "backendError", "UNAVAILABLE");

    /// <summary>Compute Engine has two ways to say it, the old one as a 403.</summary>
    public static GoogleError TooOften(bool isOldWay) => isOldWay
        ? new(403, "Rate Limit Exceeded", "rateLimitExceeded")
        : new(429, "Quota exceeded for quota metric 'Queries'.", null, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED");

    public JsonObject Body()
    {
        var error = new JsonObject { ["code"] = code, ["message"] = Message };
        if (reason is not null)
        {
            var domain = reason.EndsWith("Exceeded", StringComparison.Ordinal) ? "usageLimits" : "global";
            error["errors"] = new JsonArray(new JsonObject { ["message"] = Message, ["domain"] = domain, ["reason"] = reason });
        }

        if (status is not null)
        {
            error["status"] = status;
        }

        if (detail is not null)
        {
            error["details"] = new JsonArray(
                new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo", ["reason"] = detail, ["domain"] = "googleapis.com" });
        }

        return new() { ["error"] = error };
    }
}
