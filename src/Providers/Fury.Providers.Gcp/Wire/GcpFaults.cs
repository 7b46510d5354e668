using System.Net;
using System.Text.Json;
using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Gcp;

/// <summary>From what Google refuses to a fault. Pure.</summary>
internal static class GcpFaults
{
    /// <summary>The fact that holds Google's own word for it, e.g. <c>quotaExceeded</c>.</summary>
    public const string ReasonFact = "reason";

    private const int MessageLengthMax = 300;

    /// <summary>Of an answer that is none.</summary>
    /// <param name="what">What was to be done, e.g. "insert instance 'fury-0'".</param>
    public static Fault Of(HttpStatusCode status, string body, string what)
    {
        var (reasons, message) = Read(body);
        var said = message.Length == 0 ? $"{(int)status}" : $"{(int)status}, {message}";
        var text = $"Google Cloud refuses to {what}: {said}";
        var fault = ByReason(reasons, text) ?? ByStatus((int)status, text, what);
        return reasons is [var reason, ..] ? fault.With(ReasonFact, reason) : fault;
    }

    /// <summary>Of an operation that has failed.</summary>
    public static Fault Of(GceErrors errors, string what)
    {
        var first = errors.Errors is [var told, ..] ? told : new("UNKNOWN", null);
        var text = $"Google Cloud could not {what}: {first.Code}, {Cut(first.Message ?? "without a word")}";
        return (ByReason([first.Code], text) ?? ByCode(first.Code, text)).With(ReasonFact, first.Code);
    }

    public static bool Is(this Fault? fault, string reason) => fault is not null && fault.Facts.GetValueOrDefault(ReasonFact) == reason;

    /// <summary>Words that mean the same wherever they stand; the old API and the new one write them differently.</summary>
    private static Fault? ByReason(IReadOnlyList<string> reasons, string text) => reasons.Select(reason => reason switch
    {
        "rateLimitExceeded" or "userRateLimitExceeded" or "RATE_LIMIT_EXCEEDED" or "RESOURCE_OPERATION_RATE_EXCEEDED" or "OPERATION_RATE_EXCEEDED"
            or "concurrentLimitExceeded" or "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED" => CloudFaults.Throttled(text),
        "quotaExceeded" or "QUOTA_EXCEEDED" or "limitExceeded" or "LIMIT_EXCEEDED" or "dailyLimitExceeded"
            or "IP_SPACE_EXHAUSTED" or "IP_SPACE_EXHAUSTED_WITH_DETAILS" => CloudFaults.Quota(text),
        "ZONE_RESOURCE_POOL_EXHAUSTED" or "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS" or "RESOURCE_POOL_EXHAUSTED" or "STOCKOUT"
            or "resource_availability" => CloudFaults.NoCapacity(text),
        "resourceNotReady" or "RESOURCE_NOT_READY" => Fault.Unavailable(text),
        "resourceInUseByAnotherResource" or "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE" or "FAILED_PRECONDITION" => Fault.Conflict(text),
        _ => null,
    }).FirstOrDefault(fault => fault is not null);

    private static Fault ByStatus(int status, string text, string what) => status switch
    {
        401 => CloudFaults.Unauthenticated($"Google Cloud does not take Fury's credentials, to {what}."),
        403 => CloudFaults.Forbidden(text),
        404 => new(FaultKind.NotFound, text),
        409 => Fault.Conflict(text),
        412 => Fault.Stale(text),
        429 => CloudFaults.Throttled(text),
        408 or >= 500 => Fault.Unavailable(text),
        >= 400 => Fault.Invalid(text),
        _ => Fault.Unavailable($"Google Cloud answers {status}, which is neither yes nor no, to {what}."),
    };

    private static Fault ByCode(string code, string text) => code switch
    {
        "PERMISSIONS_ERROR" or "FORBIDDEN" or "PERMISSION_DENIED" => CloudFaults.Forbidden(text),
        "RESOURCE_NOT_FOUND" or "NOT_FOUND" => new(FaultKind.NotFound, text),
        "RESOURCE_ALREADY_EXISTS" or "ALREADY_EXISTS" => Fault.Conflict(text),
        "BAD_REQUEST" or "CONDITION_NOT_MET" or "REQUIRED_TOS_AGREEMENT" => Fault.Invalid(text),
        _ when code.StartsWith("INVALID_", StringComparison.Ordinal) || code.StartsWith("UNSUPPORTED_", StringComparison.Ordinal) => Fault.Invalid(text),
        _ => Fault.Unavailable(text),
    };

    private static (IReadOnlyList<string> Reasons, string Message) Read(string body)
    {
        try
        {
            var error = JsonSerializer.Deserialize<Refusal>(body, GcpJson.Options)?.Error;
            return error is null
                ? ([], "")
                : ([.. error.Errors.Concat(error.Details).Select(one => one.Reason).Append(error.Status).OfType<string>()], Cut(error.Message ?? ""));
        }
        catch (JsonException)
        {
            // Something on the way has answered, in words of its own.
            return ([], "");
        }
    }

    private static string Cut(string text) => text.Length > MessageLengthMax ? $"{text[..MessageLengthMax]}…" : text;

    private sealed record Refusal(RefusedError? Error);

    private sealed record RefusedError
    {
        public string? Message { get; init; }

        public string? Status { get; init; }

        /// <summary>As Compute Engine tells.</summary>
        public IReadOnlyList<RefusedReason> Errors { get; init; } = [];

        /// <summary>As newer services tell, GKE among them.</summary>
        public IReadOnlyList<RefusedReason> Details { get; init; } = [];
    }

    private sealed record RefusedReason(string? Reason);
}
