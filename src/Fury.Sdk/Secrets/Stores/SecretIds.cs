using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Secrets.Stores;

/// <summary>
/// Names of secrets as ids of a manager: the resource, a divider, the name. What the manager takes stands for itself, so that what an operator has put there
/// is found; each byte of all else is <c>-xHH</c>. Pure.
/// </summary>
/// <param name="allowed">Letters of ids; <c>-</c> is among them.</param>
/// <param name="divider">What no resource holds.</param>
internal sealed partial class SecretIds(string resource, string divider, string allowed)
{
    public const string LowerCase = "abcdefghijklmnopqrstuvwxyz0123456789-";
    public const string Letters = LowerCase + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private readonly SearchValues<char> _allowed = SearchValues.Create(allowed);

    /// <summary>What all ids begin with.</summary>
    public string Prefix { get; } = resource + divider;

    public static SecretIds Of(DriverContext context, string divider, string allowed) => Resource.IsMatch(context.Route.Resource)
        ? new SecretIds(context.Route.Resource, divider, allowed)
        : throw Failure.Invalid(
            $"The resource of '{context.Service}' is '{context.Route.Resource}'; lower-case letters, digits and single dashes between are right, like 'shop'.");

    public string Encode(string name)
    {
        var id = new StringBuilder(Prefix, Prefix.Length + name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            if (_allowed.Contains(name[at]) && !IsEscape(name, at))
            {
                id.Append(name[at]);
                continue;
            }

            Rune.DecodeFromUtf16(name.AsSpan(at), out var rune, out var chars);
            at += chars - 1;
            foreach (var each in Encoding.UTF8.GetBytes(rune.ToString()))
            {
                id.Append("-x").Append(each.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return id.ToString();
    }

    /// <summary>Null for one of another resource.</summary>
    public string? Decode(string id)
    {
        if (!id.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = new List<byte>(id.Length);
        for (var at = Prefix.Length; at < id.Length; at++)
        {
            if (IsEscape(id, at))
            {
                bytes.Add(byte.Parse(id.AsSpan(at + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                at += 3;
            }
            else
            {
                bytes.Add((byte)id[at]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Resource { get; }

    private static bool IsEscape(string text, int at) =>
        text.Length - at >= 4 && text[at] == '-' && text[at + 1] == 'x' && char.IsAsciiHexDigitLower(text[at + 2]) && char.IsAsciiHexDigitLower(text[at + 3]);
}
