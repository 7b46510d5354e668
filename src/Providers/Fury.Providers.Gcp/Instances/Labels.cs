using System.Text.Json;
using Fury.Providers.Clouds;

namespace Fury.Providers.Gcp;

/// <summary>
/// Tags as labels, which Compute Engine can search by and which take only short words of small letters; what is no such word is searched by its hash. The
/// tags as they were given stand in the metadata. Pure.
/// </summary>
internal static class Labels
{
    /// <summary>Labels that one instance takes.</summary>
    public const int Max = 64;

    /// <summary>Of the wish that the instance was made for, see <see cref="Wish.Fingerprint"/>.</summary>
    public const string Request = "fury-request";

    /// <summary>Of the client token, see <see cref="Wish.TokenHash"/>.</summary>
    public const string Token = "fury-token";

    /// <summary>Keys of metadata.</summary>
    public const string TagsItem = "fury-tags";
    public const string TokenItem = "fury-client-token";

    private const string HashedKey = "fury-key-";
    private const string HashedValue = "fury-hash-";
    private const int LengthMax = 63;
    private const int HashDigits = 40;

    /// <summary>Google's own, in a label that nobody else may set.</summary>
    private const string Reserved = "goog";

    public static Dictionary<string, string> Of(IReadOnlyDictionary<string, string> tags, string clientToken, string fingerprint)
    {
        var labels = tags.ToDictionary(tag => Key(tag.Key), tag => Value(tag.Value));
        labels[Token] = Wish.TokenHash(clientToken);
        labels[Request] = fingerprint;
        return labels;
    }

    public static string Key(string tag) =>
        IsWord(tag) && char.IsAsciiLetterLower(tag[0]) && !tag.StartsWith(Reserved, StringComparison.Ordinal) && !IsOurs(tag)
            ? tag
            : HashedKey + Wish.Hash(tag)[..HashDigits];

    public static string Value(string value) => value.Length == 0 || (IsWord(value) && !value.StartsWith(HashedValue, StringComparison.Ordinal))
        ? value
        : HashedValue + Wish.Hash(value)[..HashDigits];

    public static string Written(IReadOnlyDictionary<string, string> tags) =>
        JsonSerializer.Serialize(new SortedDictionary<string, string>(tags.ToDictionary(), StringComparer.Ordinal), GcpJson.Options);

    /// <summary>None where there are none, or what stands there was not written by Fury.</summary>
    public static IReadOnlyDictionary<string, string> Tags(GceMetadata metadata)
    {
        try
        {
            return metadata.Find(TagsItem) is { } written
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(written, GcpJson.Options) ?? []
                : [];
        }
        catch (JsonException)
        {
            return new Dictionary<string, string>();
        }
    }

    private static bool IsOurs(string key) => key is Token or Request || key.StartsWith(HashedKey, StringComparison.Ordinal);

    private static bool IsWord(string text) => text.Length is > 0 and <= LengthMax
        && text.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign is '-' or '_');
}
