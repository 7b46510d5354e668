using System.Globalization;

namespace Fury.Kernel;

internal static class Text
{
    public static string? Of(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}
