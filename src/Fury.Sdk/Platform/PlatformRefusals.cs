using System.Net;
using System.Text.Json;
using Fury.Sdk.Checks;
using Fury.Sdk.Http;

namespace Fury.Sdk.Platform;

/// <summary>The platform's refusals in the SDK's words: what was refused, every bad field with its value and what would be right.</summary>
internal static class PlatformRefusals
{
    private const int FieldsMax = 10;

    private static readonly string[] OfEveryProblem = ["type", "status", "instance", "traceId"];

    /// <param name="hasMatch">The request named the state that it changes.</param>
    public static FuryException Read(HttpStatusCode status, byte[] body, bool hasMatch, TimeSpan? retryAfter)
    {
        if (Problem(body) is not { Kind: { } kind } problem)
        {
            // Of whoever stands between.
            return HttpFailures.Answer(PlatformLine.Speaker, status, null, retryAfter);
        }

        var (code, transient, unknown) = (int)status switch
        {
            401 => (FuryErrorCode.Unauthenticated, false, false),
            403 => (FuryErrorCode.PermissionDenied, false, false),
            404 => (FuryErrorCode.NotFound, false, false),
            409 => (FuryErrorCode.PreconditionFailed, false, false),
            412 => (hasMatch ? FuryErrorCode.PreconditionFailed : FuryErrorCode.AlreadyExists, false, false),
            413 => (FuryErrorCode.PayloadTooLarge, false, false),
            429 => (FuryErrorCode.Throttled, true, false),
            507 => (FuryErrorCode.QuotaExceeded, false, false),
            >= 500 => (FuryErrorCode.Unavailable, true, true),
            _ => (FuryErrorCode.InvalidArgument, false, false),
        };
        var facts = (problem.Facts ?? []).Where(fact => !OfEveryProblem.Contains(fact.Key)).ToDictionary(fact => fact.Key, fact => fact.Value.ToString());
        return new FuryException(code, Text(status, problem))
        {
            IsTransient = transient,
            OutcomeUnknown = unknown,
            RetryAfter = retryAfter,
            ProviderCode = kind,
            CurrentETag = facts.TryGetValue("etag", out var etag) ? new ETag(etag) : null,
            Facts = facts,
        };
    }

    private static PlatformProblem? Problem(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, PlatformApiJson.Default.PlatformProblem);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(HttpStatusCode status, PlatformProblem problem)
    {
        var fields = Fields(problem.Errors).Take(FieldsMax).ToList();
        return fields.Count > 0 ? $"Fury refused it: {string.Join(' ', fields)}"
            : $"Fury refused it: {problem.Title ?? $"{(int)status}"}{(problem.Detail is null ? "" : $" {problem.Detail}")}";
    }

    private static IEnumerable<string> Fields(JsonElement errors) => errors.ValueKind switch
    {
        JsonValueKind.Array => errors.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Object)
            .Select(each => $"{Member(each, "field")} is {Check.Show(Member(each, "value"))}; right is {Member(each, "expected")}."),
        // What a server answers when it could not read the body at all.
        JsonValueKind.Object => errors.EnumerateObject().Select(each => $"{each.Name}: {each.Value}."),
        _ => [],
    };

    private static string? Member(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
