using System.Text;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.Catalog;

/// <summary>Reads the parts that requests have in common, and notes every bad one.</summary>
internal static partial class Reading
{
    /// <summary>Holds an environment and arguments at their limits, with room to spare.</summary>
    public const int RequestBytesMax = 4 << 20;

    public const int EnvironmentKeysMax = 100;
    public const int EnvironmentKeyLengthMax = 128;
    public const int EnvironmentValueBytesMax = 4096;

    /// <summary>Variables for a process. Values are never repeated in a fault: they may be secrets.</summary>
    public static IReadOnlyDictionary<string, string> Environment(this Validation validation, IReadOnlyDictionary<string, string?>? environment)
    {
        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (environment is { Count: > EnvironmentKeysMax })
        {
            validation.Require(false, $"{environment.Count} keys", $"at most {EnvironmentKeysMax} keys", nameof(environment));
            return read;
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            foreach (var fault in EnvironmentFaults(key, value))
            {
                validation.Add(fault);
            }

            read[key] = value ?? "";
        }

        return read;
    }

    private static IEnumerable<FieldFault> EnvironmentFaults(string key, string? value)
    {
        var field = $"environment.{(key.Length <= FieldFault.ValueLengthMax ? key : $"{key[..FieldFault.ValueLengthMax]}…")}";
        if (key.Length > EnvironmentKeyLengthMax || !Key().IsMatch(key))
        {
            yield return FieldFault.Of(field, key,
                $"named by capital letters, digits and underscores, not starting with a digit, at most {EnvironmentKeyLengthMax} characters");
        }

        if (key is "SCOPE" or "PORT" || key.StartsWith("FURY_", StringComparison.Ordinal))
        {
            yield return FieldFault.Of(field, key, "named otherwise: SCOPE, PORT and FURY_… are set by Fury");
        }

        if (value is null || !IsPlain(value) || Encoding.UTF8.GetByteCount(value) > EnvironmentValueBytesMax)
        {
            yield return FieldFault.Of(field, value is null ? null : $"({value.Length} characters)",
                $"text of at most {EnvironmentValueBytesMax} bytes without NUL");
        }
    }

    /// <summary>For the audit trail: variables may be secrets.</summary>
    public static IReadOnlyDictionary<string, string> WithoutValues(this IReadOnlyDictionary<string, string> environment) =>
        environment.ToDictionary(pair => pair.Key, _ => "…");

    /// <summary>Neither a process nor PostgreSQL can take a NUL in a text.</summary>
    public static bool IsPlain(string text) => !text.Contains('\0');

    public static bool SameAs(this IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var value) && value == pair.Value);

    [GeneratedRegex(@"^[A-Z_][A-Z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Key();
}
