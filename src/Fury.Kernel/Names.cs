using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Fury.Kernel;

/// <summary>
/// A name chosen by a person, checked once at the door; inside the house it is known to be right. The patterns end with <c>\z</c>, since
/// <c>$</c> also matches before a line feed at the end.
/// </summary>
public interface IName<TSelf>
    where TSelf : struct, IName<TSelf>
{
    string Value { get; }

    /// <summary>What a right one looks like, as a phrase that ends an error: "2 to 40 lower-case letters…".</summary>
    static abstract string Expected { get; }

    static abstract bool TryParse(string? text, out TSelf name);

    /// <summary>For text that is known to be right (from our own tables, or in tests). Throws <see cref="FormatException"/> otherwise.</summary>
    static abstract TSelf Parse(string? text);
}

/// <summary>The name of an application (a microservice), e.g. <c>shop</c>.</summary>
[JsonConverter(typeof(NameJson<ApplicationName>))]
public readonly partial record struct ApplicationName : IName<ApplicationName>
{
    private ApplicationName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "2 to 40 lower-case letters, digits or hyphens, starting with a letter and not ending with a hyphen";

    public static ApplicationName Parse(string? text) => Names.Parse<ApplicationName>(text);

    public static bool TryParse(string? text, out ApplicationName name)
    {
        name = text is { Length: <= 40 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z][a-z0-9-]*[a-z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>The name of a scope within its application: <c>environment-role</c>, e.g. <c>production-web</c>.</summary>
[JsonConverter(typeof(NameJson<ScopeName>))]
public readonly partial record struct ScopeName : IName<ScopeName>
{
    private ScopeName(string value) => Value = value;

    public string Value { get; }

    public static string Expected =>
        "environment-role, e.g. production-web: 3 to 40 lower-case letters, digits or hyphens with at least one hyphen inside";

    public static ScopeName Parse(string? text) => Names.Parse<ScopeName>(text);

    public static bool TryParse(string? text, out ScopeName name)
    {
        name = text is { Length: <= 40 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>The name of a schedule within its scope, e.g. <c>nightly</c>.</summary>
[JsonConverter(typeof(NameJson<ScheduleName>))]
public readonly partial record struct ScheduleName : IName<ScheduleName>
{
    private ScheduleName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => ApplicationName.Expected;

    public static ScheduleName Parse(string? text) => Names.Parse<ScheduleName>(text);

    public static bool TryParse(string? text, out ScheduleName name)
    {
        name = ApplicationName.TryParse(text, out var same) ? new(same.Value) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;
}

/// <summary>The name of a cloud service of an application, e.g. <c>invoices</c>; of a subscription <c>orders/billing</c>.</summary>
[JsonConverter(typeof(NameJson<ServiceName>))]
public readonly partial record struct ServiceName : IName<ServiceName>
{
    private ServiceName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "1 to 100 lower-case letters, digits and hyphens, e.g. orders; a subscription is orders/billing";

    public static ServiceName Parse(string? text) => Names.Parse<ServiceName>(text);

    public static bool TryParse(string? text, out ServiceName name)
    {
        name = text is { Length: <= 100 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>The name of a secret of a scope, as variables are named: <c>DB_PASSWORD</c>.</summary>
[JsonConverter(typeof(NameJson<SecretName>))]
public readonly partial record struct SecretName : IName<SecretName>
{
    private SecretName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "1 to 64 capital letters, digits and underscores, starting with a letter, e.g. DB_PASSWORD";

    public static SecretName Parse(string? text) => Names.Parse<SecretName>(text);

    public static bool TryParse(string? text, out SecretName name)
    {
        name = text is { Length: <= 64 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>The name of a version: Semantic Versioning 2.0.0 (semver.org), e.g. <c>1.4.0</c> or <c>2.0.0-rc.1+build.7</c>.</summary>
[JsonConverter(typeof(NameJson<VersionName>))]
public readonly partial record struct VersionName : IName<VersionName>
{
    private VersionName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "a semantic version such as 1.4.0 or 2.0.0-rc.1, at most 60 characters";

    public static VersionName Parse(string? text) => Names.Parse<VersionName>(text);

    public static bool TryParse(string? text, out VersionName name)
    {
        name = text is { Length: <= 60 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(
        @"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-((0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>The content hash of a release: 16 lower-case hex digits of a SHA-256, e.g. <c>9f2c51b07ad3e8c4</c>.</summary>
[JsonConverter(typeof(NameJson<ReleaseId>))]
public readonly partial record struct ReleaseId : IName<ReleaseId>
{
    private ReleaseId(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "16 lower-case hexadecimal digits";

    public static ReleaseId Parse(string? text) => Names.Parse<ReleaseId>(text);

    public static bool TryParse(string? text, out ReleaseId name)
    {
        name = text is { Length: <= 16 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[0-9a-f]{16}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

/// <summary>A scope with its application: what is deployed, scaled and routed to. Written <c>shop/production-web</c>.</summary>
public sealed record ScopeRef(ApplicationName Application, ScopeName Scope)
{
    /// <summary>For text that is known to be right, <c>application/scope</c>. Throws <see cref="FormatException"/> otherwise.</summary>
    public static ScopeRef Parse(string text) => text.Split('/') is [var application, var scope]
        ? new(ApplicationName.Parse(application), ScopeName.Parse(scope))
        : throw new FormatException($"'{text}' is not application/scope.");

    /// <summary>For text from outside.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ScopeRef? scope)
    {
        scope = text?.Split('/') is [var application, var name]
            && ApplicationName.TryParse(application, out var first)
            && ScopeName.TryParse(name, out var second)
                ? new(first, second)
                : null;
        return scope is not null;
    }

    public override string ToString() => $"{Application}/{Scope}";
}

internal static class Names
{
    public static T Parse<T>(string? text)
        where T : struct, IName<T> =>
        T.TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not {T.Expected}.");
}
