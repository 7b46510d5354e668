namespace Fury.Providers.Gcp;

/// <summary>An instance's place and name, which is its id within a region: <c>europe-west1-b/fury-0123456789abcdef0123-0</c>.</summary>
internal sealed record GceName(string Zone, string Name)
{
    /// <summary>Null for what Compute Engine cannot have named.</summary>
    public static GceName? Parse(string region, string id) =>
        id.Split('/') is [var zone, var name] && zone.StartsWith(region + "-", StringComparison.Ordinal) && IsLabel(zone) && IsLabel(name)
            ? new(zone, name)
            : null;

    public override string ToString() => $"{Zone}/{Name}";

    private static bool IsLabel(string text) =>
        text.Length is > 0 and <= 63 && text.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '-');
}
