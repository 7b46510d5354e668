using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Fury.Kernel;
using Fury.Providers.Clouds;

namespace Fury.Providers.Aws.Wire;

/// <summary>What AWS names an error, and what it says of it.</summary>
internal sealed record AwsError(string Code, string Message);

/// <summary>
/// Errors of AWS as faults. Codes are those that the services' documentation lists; one that is not listed here is the caller's fault, or the service's, as
/// its status says.
/// </summary>
internal static class AwsErrors
{
    private const int MessageMax = 400;

    /// <summary>EC2 appends what only an administrator can decode.</summary>
    private const string Encoded = "Encoded authorization failure message";

    private static readonly HashSet<string> Expired = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

    private static readonly Dictionary<string, Func<string, Fault>> Known = Table(
        (CloudFaults.NoCapacity,
        [
            "InsufficientInstanceCapacity", "InsufficientCapacity", "InsufficientHostCapacity", "InsufficientReservedInstanceCapacity", "UnfulfillableCapacity",
            "InsufficientFreeAddressesInSubnet", "SpotMaxPriceTooLow", "Unsupported",
        ]),
        (CloudFaults.Quota,
        [
            "InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "MaxSpotFleetRequestCountExceeded", "VolumeLimitExceeded",
            "NetworkInterfaceLimitExceeded", "PrivateIpAddressLimitExceeded", "ResourceLimitExceeded", "ResourceLimitExceededException",
        ]),
        (CloudFaults.Throttled,
        [
            "RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestThrottled",
            "RequestThrottledException", "EC2ThrottledException", "SlowDown", "RequestResourceCountExceeded", "ConcurrentTagAccess",
        ]),
        (CloudFaults.Unauthenticated,
        [
            "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "UnrecognizedClient",
            "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "IncompleteSignature",
            "IncompleteSignatureException", "InvalidAccessKeyId",
        ]),
        (message => CloudFaults.Unauthenticated($"{message} Either the credentials have ended, or this machine's clock is wrong."),
        [
            "RequestExpired", "RequestInTheFuture",
        ]),
        (CloudFaults.Forbidden,
        [
            "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "OptInRequired", "Blocked", "PendingVerification", "OperationNotPermitted",
            "NotAuthorized", "ForbiddenException",
        ]),
        (message => new(FaultKind.NotFound, message), ["InvalidInstanceID.NotFound", "ResourceNotFoundException"]),
        (Fault.Conflict,
        [
            "IdempotentParameterMismatch", "IdempotentInstanceTerminated", "IncorrectInstanceState", "IncorrectState", "ResourceInUseException",
            "InvalidStateException",
        ]),
        (message => Fault.Unavailable(message),
        [
            "InternalError", "InternalFailure", "InternalServiceError", "Unavailable", "ServiceUnavailable", "ServiceUnavailableException", "ServerException",
            "ServerInternal", "RequestTimeout", "RequestTimeoutException",
        ]));

    public static bool SaysExpired(AwsAnswer answer) => !answer.IsOk && Read(answer) is { } error && Expired.Contains(error.Code);

    /// <summary>The fault of an answer that is none.</summary>
    /// <param name="who">Who said it, e.g. <c>EC2</c>.</param>
    public static Fault Of(AwsAnswer answer, string who, string region) => Read(answer) is { } error
        ? Of(error, answer.Status, who, region)
        : Fault.Unavailable($"AWS {who} in '{region}' answered with status {answer.Status} and no error of its own.");

    public static Fault Of(AwsError error, int status, string who, string region)
    {
        var message = $"AWS {who} in '{region}' refused: {error.Code}: {Cut(error.Message)}";
        return (Known.TryGetValue(error.Code, out var make) ? make(message)
            : status >= 500 ? Fault.Unavailable(message)
            : status == 429 ? CloudFaults.Throttled(message)
            : Fault.Invalid(message)).With("code", error.Code);
    }

    /// <summary>Null for what is no error of AWS.</summary>
    public static AwsError? Read(AwsAnswer answer) => answer.Body.AsSpan().TrimStart() switch
    {
        ['<', ..] => Xml(answer.Body)?.Descendants().FirstOrDefault(element => element.Name.LocalName == "Error") is { } error
            && Child(error, "Code") is { Length: > 0 } code
                ? new(code, Child(error, "Message") ?? "")
                : null,
        ['{', ..] or [] => Json(answer),
        _ => null,
    };

    /// <summary>Null for what is no XML, and for XML with definitions of its own, which no service sends.</summary>
    public static XElement? Xml(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static AwsError? Json(AwsAnswer answer)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(answer.Body.Length == 0 ? "{}" : answer.Body);
        }
        catch (JsonException)
        {
            return null;
        }

        // The header may go on after the name: "ResourceNotFoundException:http://…"; the body's own name may be preceded by a namespace: "ns#Name".
        var type = answer.ErrorType ?? Text(body, "__type") ?? Text(body, "code");
        return type is null ? null : new(type.Split(':')[0].Split('#')[^1], Text(body, "message") ?? Text(body, "Message") ?? "");
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Child(XElement parent, string name) => parent.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim();

    private static string Cut(string message)
    {
        var end = message.IndexOf(Encoded, StringComparison.Ordinal);
        var said = (end < 0 ? message : message[..end]).Trim();
        return said.Length > MessageMax ? $"{said[..MessageMax]}…" : said;
    }

    private static Dictionary<string, Func<string, Fault>> Table(params (Func<string, Fault> Make, string[] Codes)[] rows) =>
        rows.SelectMany(row => row.Codes.Select(code => (code, row.Make))).ToDictionary(pair => pair.code, pair => pair.Make);
}
