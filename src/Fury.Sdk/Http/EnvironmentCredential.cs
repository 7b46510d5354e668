using Fury.Sdk.Drivers;

namespace Fury.Sdk.Http;

/// <summary>
/// What a binding's <c>credential</c> names: <c>env:A,B</c> are the environment variables with its parts. They are read at each use, so that what is
/// renewed is used.
/// </summary>
internal sealed class EnvironmentCredential
{
    private const string Prefix = "env:";

    private readonly string[] _names;
    private readonly string _service;

    /// <param name="parts">What the parts are, in words, for the error.</param>
    /// <param name="optional">How many of the last may be left out.</param>
    public EnvironmentCredential(DriverContext context, string example, int parts, int optional = 0)
    {
        _service = context.Service;
        _names = context.Route.Credential is { } text && text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split(',') : [];
        if (_names.Length < parts - optional || _names.Length > parts || _names.Any(string.IsNullOrWhiteSpace))
        {
            throw Failure.Invalid(
                $"The binding of '{_service}' to {context.Route.Driver} must name environment variables as its credential, like '{Prefix}{example}'.");
        }
    }

    /// <summary>Null where the binding names none.</summary>
    public string? this[int part] => part >= _names.Length ? null
        : Environment.GetEnvironmentVariable(_names[part]) is { Length: > 0 } value ? value
        : throw new FuryException(
            FuryErrorCode.Unauthenticated, $"The environment variable {_names[part]}, which the binding of '{_service}' names, is not set.");
}
