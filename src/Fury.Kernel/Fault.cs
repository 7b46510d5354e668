namespace Fury.Kernel;

/// <summary>Why something was refused. The list is closed: each kind has one HTTP status and one row in <c>docs/errors.md</c>.</summary>
public enum FaultKind
{
    /// <summary>The request cannot be right, whatever the state of the world. 400.</summary>
    Invalid,

    /// <summary>The caller did not say who it is, or could not prove it. 401.</summary>
    Unauthenticated,

    /// <summary>The caller may not do this. 403.</summary>
    Forbidden,

    /// <summary>The thing named does not exist. 404.</summary>
    NotFound,

    /// <summary>The thing exists and its state forbids the request. 409.</summary>
    Conflict,

    /// <summary>The caller changed an older state than the present one (If-Match). 412.</summary>
    Stale,

    /// <summary>The caller or Fury itself asks too often; the same request may succeed later. 429.</summary>
    Throttled,

    /// <summary>A part that is needed does not answer now; the same request may succeed later. 503.</summary>
    Unavailable,

    /// <summary>There is no capacity or quota left for it. 507.</summary>
    Exhausted,
}

/// <summary>One bad field of a request.</summary>
/// <param name="Field">The path of the field as the caller wrote it, e.g. <c>scope.maxReplicas</c>.</param>
/// <param name="Value">What was given, cut to <see cref="ValueLengthMax"/> characters; null when nothing was given.</param>
/// <param name="Expected">What would be right, as a phrase: "1 to 1000".</param>
public sealed record FieldFault(string Field, string? Value, string Expected)
{
    /// <summary>Longer values are cut before they enter an error, so that a 1 MB name does not come back as a 1 MB answer.</summary>
    public const int ValueLengthMax = 100;

    public static FieldFault Of(string field, object? value, string expected) => new(field, Cut(Text.Of(value)), expected);

    private static string? Cut(string? value) =>
        value is { Length: > ValueLengthMax } ? $"{value[..ValueLengthMax]}… ({value.Length} characters)" : value;
}

/// <summary>A refusal: expected, explained, and part of a method's contract. Bugs throw; refusals are returned.</summary>
/// <param name="Kind">One of the closed list.</param>
/// <param name="Message">One or two sentences for the caller: what was refused, and what would be right. Never holds a secret.</param>
public sealed record Fault(FaultKind Kind, string Message)
{
    /// <summary>All bad fields at once, for <see cref="FaultKind.Invalid"/>; otherwise empty.</summary>
    public IReadOnlyList<FieldFault> Fields { get; init; } = [];

    /// <summary>Machine-readable facts for the caller, e.g. <c>deploymentId</c> of the deployment that is in the way.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>The second voice: what the operator reads in the log and the caller never sees.</summary>
    public string? Detail { get; init; }

    public static Fault Invalid(string message) => new(FaultKind.Invalid, message);

    public static Fault Invalid(string field, object? value, string expected) => Invalid([FieldFault.Of(field, value, expected)]);

    public static Fault Invalid(IReadOnlyList<FieldFault> fields) =>
        new(FaultKind.Invalid, string.Join(" ", fields.Select(field => $"{field.Field} must be {field.Expected}."))) { Fields = fields };

    public static Fault NotFound(string what, object name) => new(FaultKind.NotFound, $"There is no {what} '{Text.Of(name)}'.");

    public static Fault Conflict(string message) => new(FaultKind.Conflict, message);

    public static Fault Stale(string message) => new(FaultKind.Stale, message);

    public static Fault Unavailable(string message, Exception? cause = null) =>
        new(FaultKind.Unavailable, message) { Detail = cause?.ToString() };

    public Fault With(string fact, object value) =>
        this with { Facts = new Dictionary<string, string>(Facts) { [fact] = Text.Of(value) ?? "" } };

    public override string ToString() => $"{Kind}: {Message}";
}
