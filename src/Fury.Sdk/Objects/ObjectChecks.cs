using Fury.Sdk.Checks;

namespace Fury.Sdk.Objects;

/// <summary>What arguments of a bucket must be.</summary>
internal static class ObjectChecks
{
    /// <summary>Metadata keys that begin so are the portable layer's own.</summary>
    public const string Reserved = "fury-";

    private const int MetadataBytesMax = 2048;

    private static readonly TimeSpan LifeMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LifeMax = TimeSpan.FromDays(36525);

    public static void Read(string key, ObjectReadOptions? options)
    {
        Check.Key("key", key);
        Check.Options(options);
        Check.Between("Offset", options?.Offset, 0, long.MaxValue);
        Check.Between("Length", options?.Length, 0, long.MaxValue);
    }

    public static void Write(string key, ObjectWriteOptions? options)
    {
        Check.Key("key", key);
        Check.Options(options);
        if (options is null)
        {
            return;
        }

        Check.Between("TimeToLive", options.TimeToLive, LifeMin, LifeMax);
        Header("ContentType", options.ContentType);
        Header("ContentEncoding", options.ContentEncoding);
        Header("CacheControl", options.CacheControl);
        Header("ContentDisposition", options.ContentDisposition);
        if (options.ExpectedSha256.Length is not (0 or 32))
        {
            throw Failure.Invalid($"ExpectedSha256 has {options.ExpectedSha256.Length} bytes; 32 is right, or none.");
        }

        Metadata(options.Metadata ?? new Dictionary<string, string>());
    }

    public static void Condition(WriteCondition condition)
    {
        if (condition.Rule == WriteRule.IfMatch && string.IsNullOrEmpty(condition.Match.Value))
        {
            throw Failure.Invalid("The ETag of IfMatch is empty; take it from an object's properties, or use IfAbsent.");
        }
    }

    private static void Metadata(IReadOnlyDictionary<string, string> metadata)
    {
        var bytes = 0;
        foreach (var (name, value) in metadata)
        {
            if (name.Length == 0 || !name.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each) || each == '-'))
            {
                throw Failure.Invalid($"The metadata key {Check.Show(name)} must be of lower-case ASCII letters, digits and dashes.");
            }

            if (name.StartsWith(Reserved, StringComparison.Ordinal))
            {
                throw Failure.Invalid($"The metadata key {Check.Show(name)} begins with '{Reserved}', which is not yours to use.");
            }

            Header($"Metadata '{name}'", value);
            bytes += name.Length + value.Length;
        }

        Check.Size("Metadata", bytes, MetadataBytesMax, "Keep more in the object, or beside it.");
    }

    private static void Header(string field, string? value)
    {
        if (value is not null && (value.Trim() != value || value.Any(each => each is < ' ' or > '~')))
        {
            throw Failure.Invalid($"{field} is {Check.Show(value)}; it must be printable ASCII without spaces at its ends.");
        }
    }
}
