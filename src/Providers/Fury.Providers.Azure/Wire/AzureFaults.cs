using System.Net;
using System.Text.Json;
using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Azure;

/// <summary>From what Azure refuses, at once or later, to a fault. Pure.</summary>
internal static class AzureFaults
{
    /// <summary>The fact that holds Azure's own word for it, e.g. <c>SkuNotAvailable</c>.</summary>
    public const string ReasonFact = "reason";

    private const int MessageLengthMax = 300;

    /// <summary>Of an answer that is none.</summary>
    /// <param name="what">What was to be done, e.g. "make instance 'fury-0'".</param>
    public static Fault Of(HttpStatusCode status, TimeSpan? retryAfter, string body, string what)
    {
        var (code, message) = Read(body);
        var text = $"Azure refuses to {what}: {(int)status}{(code is null ? "" : $" {code}, {message}")}";
        var fault = status == HttpStatusCode.TooManyRequests ? CloudFaults.Throttled(text).After(retryAfter)
            : ByCode(code, message, text) ?? ByStatus((int)status, text, what).After((int)status >= 500 ? retryAfter : null);
        return code is null ? fault : fault.With(ReasonFact, code);
    }

    /// <summary>Of an instance that Azure began to make and could not.</summary>
    /// <param name="code">The last part of its state, e.g. <c>AllocationFailed</c>.</param>
    public static Fault OfState(string code, string? message, string name)
    {
        var text = $"Azure could not make instance '{name}': {code}, {Cut(message ?? "without a word")}";
        return (ByCode(code, message ?? "", text) ?? Fault.Unavailable(text)).With(ReasonFact, code);
    }

    public static bool Is(this Fault? fault, FaultKind kind) => fault?.Kind == kind;

    /// <summary>Codes that mean more than their status says.</summary>
    private static Fault? ByCode(string? code, string message, string text) => code switch
    {
        "AllocationFailed" or "ZonalAllocationFailed" or "OverconstrainedAllocationRequest" or "OverconstrainedZonalAllocationRequest"
            or "SkuNotAvailable" or "SpotVMNotAvailable" or "EvictedOnCreation" => CloudFaults.NoCapacity(text),
        "QuotaExceeded" or "ResourceQuotaExceeded" or "SubnetIsFull" => CloudFaults.Quota(text),
        // Azure says so of quotas, and of much else.
        "OperationNotAllowed" when message.Contains("quota", StringComparison.OrdinalIgnoreCase) => CloudFaults.Quota(text),
        "TooManyRequests" or "SubscriptionRequestsThrottled" or "ResourceCollectionRequestsThrottled" => CloudFaults.Throttled(text),
        // That a whole group is missing says nothing of the instances that are looked for.
        "ResourceGroupNotFound" or "SubscriptionNotFound" or "InvalidSubscriptionId" => Fault.Invalid(text),
        "AnotherOperationInProgress" or "RetryableError" => Fault.Unavailable(text),
        _ => null,
    };

    private static Fault ByStatus(int status, string text, string what) => status switch
    {
        401 => CloudFaults.Unauthenticated($"Azure does not take Fury's credentials, to {what}."),
        403 => CloudFaults.Forbidden(text),
        404 => new(FaultKind.NotFound, text),
        409 => Fault.Conflict(text),
        412 => Fault.Stale(text),
        408 or >= 500 => Fault.Unavailable(text),
        >= 400 => Fault.Invalid(text),
        _ => Fault.Unavailable($"Azure answers {status}, which is neither yes nor no, to {what}."),
    };

    private static (string? Code, string Message) Read(string body)
    {
        try
        {
            var error = body.Length == 0 ? null : JsonSerializer.Deserialize<Refusal>(body, AzureJson.Options)?.Error;
            return error?.Code is { Length: > 0 } code ? (code, Cut(error.Message ?? "without a word")) : (null, "");
        }
        catch (JsonException)
        {
            // Something on the way has answered, in words of its own.
            return (null, "");
        }
    }

    private static string Cut(string text) => text.Length > MessageLengthMax ? $"{text[..MessageLengthMax]}…" : text;

    private sealed record Refusal(RefusedError? Error);

    private sealed record RefusedError(string? Code, string? Message);
}
