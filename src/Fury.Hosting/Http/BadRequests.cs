using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Hosting;

/// <summary>Turns what MVC found wrong with a request into a fault that names every bad field and says what would be right.</summary>
internal static partial class BadRequests
{
    /// <summary>A model error that begins so goes on with the phrase of <see cref="FieldFault.Expected"/>.</summary>
    public const string ExpectedPrefix = "Must be ";

    private const string BodyField = "body";

    public static IActionResult Answer(ActionContext context)
    {
        var body = context.ActionDescriptor.Parameters.FirstOrDefault(parameter => parameter.BindingInfo?.BindingSource == BindingSource.Body);
        var errors = context.ModelState.Where(entry => entry.Value is { Errors.Count: > 0 }).ToList();
        // A body that could not be read leaves a second error, that the parameter is missing, which says nothing.
        var fields = errors
            .Where(entry => errors.Count == 1 || entry.Key != body?.Name)
            .SelectMany(entry => entry.Value!.Errors.SelectMany(error => Fields(entry.Key, entry.Value, error, body?.ParameterType)))
            .ToList();
        return Answers.Problem(Fault.Invalid(fields));
    }

    private static IEnumerable<FieldFault> Fields(string key, ModelStateEntry entry, ModelError error, Type? body)
    {
        // MVC names what the JSON reader complains of by its path, "$.scope.name".
        if (key.StartsWith('$'))
        {
            return FromJson(key, error.ErrorMessage, body);
        }

        var field = Camel(key);
        var expected = error.ErrorMessage.StartsWith(ExpectedPrefix, StringComparison.Ordinal)
            ? error.ErrorMessage[ExpectedPrefix.Length..].TrimEnd('.')
            : entry.AttemptedValue is null ? "given" : "a right value";
        return [FieldFault.Of(field.Length == 0 ? BodyField : field, entry.AttemptedValue, expected)];
    }

    private static IEnumerable<FieldFault> FromJson(string path, string complaint, Type? body)
    {
        var missing = MissingPattern().Match(complaint);
        if (missing.Success)
        {
            return NamePattern().Matches(missing.Value).Select(name => FieldFault.Of(Join(path, name.Groups[1].Value), null, "given"));
        }

        var field = Join(path, "");
        if (complaint.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            return [FieldFault.Of(field, null, "left out: there is no such field")];
        }

        if (complaint.StartsWith(ExpectedPrefix, StringComparison.Ordinal))
        {
            return [FieldFault.Of(field, null, complaint[ExpectedPrefix.Length..].TrimEnd('.'))];
        }

        if (complaint.Contains("could not be converted", StringComparison.Ordinal) && TypeAt(body, field) is { } type)
        {
            return [FieldFault.Of(field.Length == 0 ? BodyField : field, null, Describe(type))];
        }

        var place = PlacePattern().Match(complaint);
        return [FieldFault.Of(BodyField, null, place.Success
            ? $"JSON; in line {Number(place.Groups[2]) + 1} at byte {Number(place.Groups[3]) + 1}: {place.Groups[1].Value.TrimEnd('.')}"
            : "JSON")];
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    /// <summary><c>$.scope</c> and <c>name</c> are <c>scope.name</c>.</summary>
    private static string Join(string path, string name) =>
        string.Join('.', new[] { path.TrimStart('$').TrimStart('.'), name }.Where(part => part.Length > 0));

    /// <summary>The type of a member by its path in JSON; null when the path leads nowhere.</summary>
    private static Type? TypeAt(Type? type, string path)
    {
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = part.Split('[')[0];
            type = type?.GetProperties().FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))?.PropertyType;
            if (part.Contains('[', StringComparison.Ordinal) && type is not null)
            {
                type = type.IsArray ? type.GetElementType() : type.GetGenericArguments().LastOrDefault();
            }
        }

        return type;
    }

    private static string Describe(Type given)
    {
        var type = Nullable.GetUnderlyingType(given) ?? given;
        return Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName))}",
            TypeCode.Byte or TypeCode.Int16 or TypeCode.Int32 => string.Create(CultureInfo.InvariantCulture, $"a whole number up to {int.MaxValue}"),
            TypeCode.Int64 => "a whole number",
            TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "a number",
            TypeCode.Boolean => "true or false",
            TypeCode.String => "a text",
            TypeCode.DateTime => "a time such as 2026-03-01T12:00:00Z",
            _ when type == typeof(DateTimeOffset) => "a time such as 2026-03-01T12:00:00Z",
            _ when type == typeof(TimeSpan) => "a duration such as 00:00:30",
            _ when type == typeof(Guid) || type.GetInterfaces().Any(IsId) => "a UUID",
            _ when typeof(IDictionary).IsAssignableFrom(type) || type.Name.Contains("Dictionary", StringComparison.Ordinal) => "an object",
            _ when typeof(IEnumerable).IsAssignableFrom(type) => "a list",
            _ => "an object",
        };
    }

    private static bool IsId(Type face) => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IId<>);

    private static string Camel(string key) =>
        string.Join('.', key.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));

    [GeneratedRegex(@"^(.*) Path: .* \| LineNumber: ([0-9]+) \| BytePositionInLine: ([0-9]+)\.$")]
    private static partial Regex PlacePattern();

    [GeneratedRegex("missing required properties including: (.*)")]
    private static partial Regex MissingPattern();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex NamePattern();
}
