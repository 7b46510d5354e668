using System.Net.Http.Headers;
using System.Security.Cryptography;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;

namespace Fury.Sdk.Aws;

/// <summary>Signed calls of those services of AWS that take everything in the body of a POST.</summary>
/// <param name="name">For errors, e.g. <c>SQS</c>.</param>
/// <param name="service">As signatures name it, e.g. <c>dynamodb</c>.</param>
internal abstract class AwsClient(DriverContext context, string name, string service, int connectionsMax = HttpConnections.ConnectionsMax) : IDisposable
{
    private readonly HttpMessageInvoker _http = HttpConnections.Open(connectionsMax);
    private readonly EnvironmentCredential _credential = new(
        context, "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN", parts: 3, optional: 1);

    protected string Name => name;

    private Uri Endpoint => context.Route.Endpoint ?? new Uri($"https://{service}.{context.Route.Region}.amazonaws.com");

    public void Dispose() => _http.Dispose();

    /// <summary>The body of a good answer.</summary>
    /// <param name="target">The operation, where it is in a header.</param>
    /// <exception cref="FuryException">With the name of the error as its <see cref="FuryException.ProviderCode"/>.</exception>
    protected async ValueTask<byte[]> Send(string contentType, string? target, byte[] body, CancellationToken cancellation)
    {
        using var message = Message(contentType, target, body);
        try
        {
            using var response = await _http.SendAsync(message, cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            return response.IsSuccessStatusCode ? answer : throw Explain((int)response.StatusCode, Word(answer));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw HttpFailures.Transport(name, error);
        }
    }

    /// <summary>The name of an error; null where the answer has none.</summary>
    protected abstract string? Word(byte[] body);

    protected FuryException Unreadable(Exception error) =>
        new(FuryErrorCode.Unknown, $"{name} answered what is none of its answers.", error) { OutcomeUnknown = true };

    private HttpRequestMessage Message(string contentType, string? target, byte[] body)
    {
        var now = context.Clock.GetUtcNow();
        var credential = new AwsCredential(_credential[0]!, _credential[1]!, _credential[2]);
        List<(string Name, string Value)> headers = [("content-type", contentType), ("host", Endpoint.Authority), ("x-amz-date", SigV4.Stamp(now))];
        if (target is not null)
        {
            headers.Add(("x-amz-target", target));
        }

        if (credential.SessionToken is { } token)
        {
            headers.Add(("x-amz-security-token", token));
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        var authorization = new SigV4(credential, context.Route.Region, service).Authorize("POST", "/", [], headers, hash, now);
        var message = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = new ByteArrayContent(body) };
        message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (header, value) in headers.Skip(2))
        {
            message.Headers.TryAddWithoutValidation(header, value);
        }

        message.Headers.TryAddWithoutValidation("Authorization", authorization);
        return message;
    }

    private FuryException Explain(int status, string? word)
    {
        var (code, transient, unknown) = word switch
        {
            "ConditionalCheckFailedException" => (FuryErrorCode.PreconditionFailed, false, false),
            "ResourceNotFoundException" or "QueueDoesNotExist" or "NotFound" => (FuryErrorCode.NotFound, false, false),
            "ResourceExistsException" => (FuryErrorCode.AlreadyExists, false, false),
            "ProvisionedThroughputExceededException" or "ThrottlingException" or "RequestLimitExceeded" or "RequestThrottled" or "Throttling"
                or "Throttled" => (FuryErrorCode.Throttled, true, false),
            "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException" or "MissingAuthenticationTokenException"
                or "IncompleteSignatureException" or "IncompleteSignature" or "InvalidClientTokenId" or "SignatureDoesNotMatch" =>
                (FuryErrorCode.Unauthenticated, false, false),
            "AccessDeniedException" or "AuthorizationError" => (FuryErrorCode.PermissionDenied, false, false),
            "ItemCollectionSizeLimitExceededException" or "LimitExceededException" or "OverLimit" => (FuryErrorCode.QuotaExceeded, false, false),
            "TransactionConflictException" => (FuryErrorCode.Aborted, true, false),
            "ReceiptHandleIsInvalid" or "MessageNotInflight" => (FuryErrorCode.LeaseLost, false, false),
            "ValidationException" or "SerializationException" or "InvalidParameterValue" or "InvalidParameter" or "InvalidParameterException"
                or "InvalidRequestException" => (FuryErrorCode.InvalidArgument, false, false),
            _ => status >= 500 ? (FuryErrorCode.Unavailable, true, true) : (FuryErrorCode.Unknown, false, false),
        };
        return new FuryException(code, $"{name} answered {status}{(word is null ? "" : $" {word}")}.")
        {
            IsTransient = transient,
            OutcomeUnknown = unknown,
            ProviderCode = word,
        };
    }
}
