using System.Globalization;

namespace Fury.Kernel;

internal static class Text
{
    public static string? Of(object? value) => value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
}
