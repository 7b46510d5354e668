using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>One field that cannot be as it is.</summary>
/// <param name="Reason">As Kubernetes names it: <c>FieldValueRequired</c>, <c>FieldValueInvalid</c>, <c>FieldManagerConflict</c>, …</param>
/// <param name="Field">Its path: <c>spec.containers[0].image</c>.</param>
internal sealed record Cause(string Reason, string Message, string Field);

/// <summary>
/// A request that is refused, as the <c>Status</c> object that the caller gets. Thrown, because a generic API refuses at the bottom of patches,
/// conversions and defaulting, none of which can go on; one place turns it into the answer.
/// </summary>
internal sealed class Refusal : Exception
{
    private Refusal(int code, string reason, string message, JsonObject? details = null)
        : base(message) => (Code, Reason, Details) = (code, reason, details);

    public int Code { get; }

    public string Reason { get; }

    public JsonObject? Details { get; }

    /// <summary>Seconds for the header <c>Retry-After</c>; null for none.</summary>
    public int? RetryAfterSeconds { get; private init; }

    public static Refusal NotFound(Kind kind, string name) =>
        new(404, "NotFound", $"{kind.Resource} \"{name}\" not found", Of(kind, name, kind.Plural));

    /// <summary>Nothing is served at this address.</summary>
    public static Refusal NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static Refusal AlreadyExists(Kind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.Resource} \"{name}\" already exists", Of(kind, name, kind.Plural));

    public static Refusal Conflict(Kind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.Resource} \"{name}\": {why}", Of(kind, name, kind.Plural));

    /// <summary>The caller changed an older state than the present one.</summary>
    public static Refusal Stale(Kind kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>Other managers own the fields that were applied.</summary>
    public static Refusal ApplyConflicts(IReadOnlyList<Cause> causes)
    {
        var message = causes.Count == 1
            ? $"Apply failed with 1 conflict: {causes[0].Message}: {causes[0].Field}"
            : $"Apply failed with {causes.Count} conflicts: {string.Join("\n", causes.Select(cause => $"{cause.Message}: {cause.Field}"))}";
        return new(409, "Conflict", message, new() { ["causes"] = Causes(causes) });
    }

    public static Refusal Invalid(Kind kind, string name, IReadOnlyList<Cause> causes)
    {
        var list = string.Join(", ", causes.Select(cause => $"{cause.Field}: {cause.Message}"));
        var details = Of(kind, name, kind.Name);
        details["causes"] = Causes(causes);
        var qualified = kind.Group.Length == 0 ? kind.Name : $"{kind.Name}.{kind.Group}";
        return new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {(causes.Count == 1 ? list : $"[{list}]")}", details);
    }

    public static Refusal Invalid(Kind kind, string name, string field, string? value, string expected) =>
        Invalid(kind, name, [new("FieldValueInvalid", $"Invalid value: \"{Cut(value)}\": {expected}", field)]);

    public static Refusal BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>A patch that cannot be carried out on the object as it is.</summary>
    public static Refusal Unprocessable(string message) => new(422, "Invalid", message, []);

    public static Refusal BadValue(string parameter, string? value, string expected) =>
        BadRequest($"{parameter}: Invalid value: \"{Cut(value)}\": must be {expected}");

    public static Refusal Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static Refusal Forbidden(string resource, string? name, string group, string message)
    {
        var details = new JsonObject();
        Add(details, "name", name);
        Add(details, "group", group);
        Add(details, "kind", resource);
        return new(403, "Forbidden", message, details);
    }

    public static Refusal Forbidden(Kind kind, string name, string why) =>
        Forbidden(kind.Plural, name, kind.Group, $"{kind.Resource} \"{name}\" is forbidden: {why}");

    public static Refusal MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static Refusal NotAcceptable() =>
        new(406, "NotAcceptable", "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io");

    public static Refusal UnsupportedMediaType(string? given, string served) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format \"{Cut(given)}\" - accepted media types include: {served}");

    public static Refusal TooLarge(long bytesMax) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {bytesMax}");

    public static Refusal Expired(string message) => new(410, "Expired", message);

    /// <summary>A version that the cluster has not come to yet.</summary>
    public static Refusal VersionTooLarge(long asked, long current) => new(
        504,
        "Timeout",
        $"Too large resource version: {asked}, current: {current}",
        new()
        {
            ["causes"] = Causes([new("ResourceVersionTooLarge", "Too large resource version", "")]),
            ["retryAfterSeconds"] = 1,
        })
    { RetryAfterSeconds = 1 };

    public static Refusal TooManyRequests(string message, int retryAfterSeconds, JsonObject? details = null)
    {
        details ??= [];
        details["retryAfterSeconds"] = retryAfterSeconds;
        return new(429, "TooManyRequests", message, details) { RetryAfterSeconds = retryAfterSeconds };
    }

    /// <summary>An eviction that a disruption budget does not allow now.</summary>
    public static Refusal DisruptionBudget(string why) => new(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        new() { ["causes"] = Causes([new("DisruptionBudget", why, "")]) });

    public static Refusal ServerError(int code, string message) =>
        new(code, code switch { 503 => "ServiceUnavailable", 504 => "Timeout", _ => "InternalError" }, message);

    /// <summary>The object that a caller gets, here and inside of a watch's error event.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Details is not null)
        {
            status["details"] = Details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    /// <summary>What a deletion answers that leaves nothing to show.</summary>
    public static JsonObject Success(Kind kind, string name, Guid uid)
    {
        var details = Of(kind, name, kind.Plural);
        details["uid"] = uid.ToString();
        return new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }

    private static JsonObject Of(Kind kind, string name, string kindText)
    {
        var details = new JsonObject();
        Add(details, "name", name);
        Add(details, "group", kind.Group);
        Add(details, "kind", kindText);
        return details;
    }

    private static void Add(JsonObject details, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            details[name] = value;
        }
    }

    private static JsonArray Causes(IReadOnlyList<Cause> causes) => [.. causes.Select(cause => (JsonNode)new JsonObject
    {
        ["reason"] = cause.Reason,
        ["message"] = cause.Message,
        ["field"] = cause.Field,
    })];

    /// <summary>A value of a megabyte must not come back as an answer of a megabyte.</summary>
    public static string Cut(string? value) => value switch
    {
        null => "",
        { Length: > Kernel.FieldFault.ValueLengthMax } => value[..Kernel.FieldFault.ValueLengthMax] + "…",
        _ => value,
    };
}
