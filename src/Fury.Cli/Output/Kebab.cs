using System.Text.Json;

namespace Fury.Cli.Output;

/// <summary>Enums as the API writes them, e.g. <c>rolled-back</c>.</summary>
internal static class Kebab
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
