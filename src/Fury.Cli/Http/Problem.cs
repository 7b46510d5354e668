using System.Net;
using System.Text;
using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Kernel;

namespace Fury.Cli.Http;

/// <summary>Reads the API's refusals (RFC 9457): what was refused, every bad field with what would be right, and the facts.</summary>
internal static class Problem
{
    private static readonly string[] KnownMembers = ["type", "title", "status", "detail", "instance", "kind", "errors", "traceId"];

    public static CommandFailure Read(HttpStatusCode status, byte[] body)
    {
        JsonElement problem;
        try
        {
            problem = JsonDocument.Parse(body).RootElement;
        }
        catch (JsonException)
        {
            problem = default;
        }

        if (problem.ValueKind != JsonValueKind.Object)
        {
            return new CommandFailure(ExitCode.Failed, $"The host answered {(int)status} {status}, without a reason.")
            {
                StatusCode = (int)status,
            };
        }

        var title = Member(problem, "title") ?? $"The host answered {(int)status}.";
        var fields = problem.TryGetProperty("errors", out var errors) ? [.. Fields(errors)] : Array.Empty<string>();
        var facts = problem.EnumerateObject().Where(member => !KnownMembers.Contains(member.Name))
            .Select(member => $"{member.Name}: {member.Value}");
        return new CommandFailure(
            ExitCode.Failed,
            fields.Length > 0 ? $"The request was refused ({(int)status}):" : title,
            [.. fields, .. Member(problem, "detail") is { } detail ? [detail] : Array.Empty<string>(), .. facts])
        {
            StatusCode = (int)status,
            Json = Encoding.UTF8.GetString(body),
        };
    }

    /// <summary>One bad field as a line: <c>minReplicas must be 1 to 1000, not '0'.</c></summary>
    public static string Line(FieldFault fault) =>
        $"{fault.Field} must be {fault.Expected}{(fault.Value is { Length: > 0 } value ? $", not '{value}'." : "; it is missing or empty.")}";

    private static IEnumerable<string> Fields(JsonElement errors) => errors.ValueKind switch
    {
        // What Fury's own validation answers.
        JsonValueKind.Array => errors.EnumerateArray().Select(error => Line(error.Deserialize<FieldFault>(FuryJson.Options)!)),

        // What the framework answers when a body can't be read at all.
        JsonValueKind.Object => errors.EnumerateObject()
            .SelectMany(field => field.Value.EnumerateArray().Select(text => $"{field.Name}: {text}")),
        _ => [],
    };

    private static string? Member(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
