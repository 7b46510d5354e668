using System.Net;
using System.Net.Sockets;

namespace Fury.Sdk.Http;

/// <summary>What a provider that is spoken to by HTTP says or does not say, in our words.</summary>
internal static class HttpFailures
{
    /// <summary>Before there was a connection nothing was sent; after that nobody knows.</summary>
    public static FuryException Transport(string provider, Exception error) => error switch
    {
        FuryException known => known,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError,
        } => new FuryException(FuryErrorCode.Unavailable, $"{provider} cannot be reached.", error) { IsTransient = true },
        HttpRequestException or IOException or SocketException => new FuryException(
            FuryErrorCode.Unavailable, $"The connection to {provider} broke before it had answered.", error)
        { IsTransient = true, OutcomeUnknown = true },
        _ => new FuryException(FuryErrorCode.Unknown, $"The call to {provider} failed: {error.GetType().Name}.", error) { OutcomeUnknown = true },
    };

    /// <summary>What came after a write had been answered: it has happened, and what it came to is not known.</summary>
    public static FuryException ButWritten(string provider, Exception error)
    {
        var known = Transport(provider, error);
        return new FuryException(known.Code, known.Message, error)
        {
            IsTransient = known.IsTransient,
            OutcomeUnknown = true,
            RetryAfter = known.RetryAfter,
            ProviderCode = known.ProviderCode,
        };
    }

    /// <summary>An answer that is none of those a member knows. What a gateway says in the place of the provider tells nothing about a write.</summary>
    /// <param name="word">The provider's own; null where it gave none.</param>
    public static FuryException Answer(string provider, HttpStatusCode status, string? word, TimeSpan? retryAfter = null, string? requestId = null)
    {
        var (code, transient, unknown) = ((int)status, word) switch
        {
            (_, "NoSuchBucket" or "ContainerNotFound") => (FuryErrorCode.NotFound, false, false),
            (_, "QuotaExceeded" or "TooManyBuckets" or "InsufficientAccountPermissionsQuota") => (FuryErrorCode.QuotaExceeded, false, false),
            (_, "EntityTooLarge" or "RequestBodyTooLarge") or (413, _) => (FuryErrorCode.PayloadTooLarge, false, false),
            (_, "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "AuthenticationFailed") or (401, _) =>
                (FuryErrorCode.Unauthenticated, false, false),
            (_, "SlowDown" or "ServerBusy" or "TooManyRequests" or "RequestLimitExceeded" or "rateLimitExceeded" or "userRateLimitExceeded")
                or (429, _) => (FuryErrorCode.Throttled, true, false),
            (403, _) => (FuryErrorCode.PermissionDenied, false, false),
            (_, "RequestTimeout") or (408, _) => (FuryErrorCode.Timeout, true, false),
            (404, _) => (FuryErrorCode.NotFound, false, false),
            (409 or 412, _) => (FuryErrorCode.Aborted, true, false),
            (503, not null) => (FuryErrorCode.Unavailable, true, false),
            ( >= 500, _) => (FuryErrorCode.Unavailable, true, true),
            ( >= 400, _) => (FuryErrorCode.InvalidArgument, false, false),
            _ => (FuryErrorCode.Unknown, false, true),
        };
        return new FuryException(code, $"{provider} answered {(int)status}{(word is null ? "" : $" {word}")}.")
        {
            IsTransient = transient,
            OutcomeUnknown = unknown,
            RetryAfter = retryAfter,
            ProviderCode = word,
            RequestId = requestId,
        };
    }
}
