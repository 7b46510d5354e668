using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Hosting;

/// <summary>Says in Fury's words what MVC could not read: a body that is no JSON, a text where a number must be, a field that nobody knows.</summary>
internal static partial class BadRequests
{
    public static Fault Of(ModelStateDictionary state)
    {
        var fields = state
            .Where(entry => entry.Value is { Errors.Count: > 0 })
            .Select(entry => Of(entry.Key, entry.Value!))
            .ToArray();

        // When the body cannot be read, MVC also says that it is missing.
        var unread = fields.Where(field => field.Field.StartsWith("$.", StringComparison.Ordinal) || field.Expected != Missing).ToArray();
        return Fault.Invalid([.. (unread.Length > 0 ? unread : fields).Select(field => field with { Field = Name(field.Field) })]);
    }

    private const string Missing = "given";
    private const string Body = "body";

    private static FieldFault Of(string key, ModelStateEntry entry)
    {
        var error = entry.Errors[0];
        var message = error.Exception?.Message ?? error.ErrorMessage;
        if (error.Exception is JsonException || key.StartsWith('$') || message.Contains("JSON", StringComparison.Ordinal))
        {
            return FieldFault.Of(key.Length == 0 ? "$" : key, null, Expected(message));
        }

        return entry.RawValue is null ? FieldFault.Of(key, null, Missing) : FieldFault.Of(key, entry.AttemptedValue, "of the right kind (see /openapi/v1.json)");
    }

    private static string Expected(string message)
    {
        if (Unknown().Match(message) is { Success: true } unknown)
        {
            return "left out: there is no such field";
        }

        return Type().Match(message) is not { Success: true } type ? "valid JSON" : type.Groups["name"].Value switch
        {
            "System.Int32" or "System.Int64" => "a whole number",
            "System.Double" or "System.Decimal" => "a number",
            "System.Boolean" => "true or false",
            "System.String" => "a text",
            var name when name.Contains("Dictionary", StringComparison.Ordinal) => "an object of texts",
            var name when name.Contains("List", StringComparison.Ordinal) || name.EndsWith("[]", StringComparison.Ordinal) => "a list",
            _ => "of the right kind (see /openapi/v1.json)",
        };
    }

    private static string Name(string key)
    {
        var name = key.StartsWith("$.", StringComparison.Ordinal) ? key[2..] : key is "$" or "request" ? Body : key;
        return Short(name);
    }

    private static string Short(string text) => text.Length <= FieldFault.ValueLengthMax ? text : $"{text[..FieldFault.ValueLengthMax]}…";

    [GeneratedRegex("The JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.NonBacktracking)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"could not be converted to (System\.Nullable`1\[)?(?<name>[^\s\]]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Type();
}
