using System.Globalization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Objects;

/// <summary>
/// The portable layer's own metadata of an object: <c>fury-write</c> is the id of the write, by which it is recognised after a lost answer;
/// <c>fury-fence</c> the token under which it was written; <c>fury-expires</c> the ms since 1970 from which on it is absent; <c>fury-form</c> what a move
/// has made of it.
/// </summary>
internal static class ObjectEnvelope
{
    public const string Write = "fury-write";

    /// <summary>Of what is no plain object.</summary>
    public const string Form = "fury-form";

    /// <summary>It was deleted while it moved, and this stays so that nothing older comes back.</summary>
    public const string Deleted = "deleted";

    /// <summary>The other provider has it.</summary>
    public const string Moved = "moved";

    /// <summary>It goes back to the other provider, and nobody changes it any more.</summary>
    public const string Frozen = "frozen";
    public const string FrozenDeleted = "frozen-deleted";

    /// <summary>Bytes of what stands for no object: in a listing, only what is so long may be one of those.</summary>
    public const int NothingSize = 42;

    private const string Fence = "fury-fence";
    private const string Expires = "fury-expires";

    public static ObjectHeaders Headers(ObjectWriteOptions? options, string writeId, DateTimeOffset now)
    {
        var metadata = new Dictionary<string, string>(options?.Metadata ?? new Dictionary<string, string>()) { [Write] = writeId };
        if (options?.Fence is { } lease)
        {
            metadata[Fence] = lease.FencingToken.ToString(CultureInfo.InvariantCulture);
        }

        DateTimeOffset? expires = options?.TimeToLive is { } life ? now + life : null;
        if (expires is { } end)
        {
            metadata[Expires] = end.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        }

        return new ObjectHeaders(options?.ContentType ?? "application/octet-stream", metadata)
        {
            ContentEncoding = options?.ContentEncoding,
            CacheControl = options?.CacheControl,
            ContentDisposition = options?.ContentDisposition,
            ExpiresAt = expires,
        };
    }

    public static string? WriteOf(ObjectProperties? properties) => properties?.Metadata.GetValueOrDefault(Write);

    /// <summary>There is something that says that there is no object.</summary>
    public static bool IsNothing(ObjectProperties stored) => stored.Metadata.GetValueOrDefault(Form) is Deleted or Moved or FrozenDeleted;

    public static long FenceOf(ObjectProperties? properties) => Number(properties, Fence) ?? 0;

    /// <summary>As the application sees it: without what is ours, and null when its time is over.</summary>
    public static ObjectProperties? Open(ObjectProperties? stored, string key, DateTimeOffset now)
    {
        if (stored is null || IsNothing(stored) || (Number(stored, Expires) is { } over && now.ToUnixTimeMilliseconds() >= over))
        {
            return null;
        }

        var expires = Number(stored, Expires);
        return stored with
        {
            Key = key,
            Metadata = stored.Metadata.Where(each => !each.Key.StartsWith(ObjectChecks.Reserved, StringComparison.Ordinal)).ToDictionary(),
            ExpiresAt = expires is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : stored.ExpiresAt,
        };
    }

    private static long? Number(ObjectProperties? properties, string name) =>
        long.TryParse(properties?.Metadata.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
