using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Telemetry;
using Microsoft.Extensions.Caching.Hybrid;

namespace Fury.Sdk.Caching;

internal sealed partial class PortableCache
{
    private const int HeaderBytes = 8;

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key, stop => factory(state, stop), TypeOf<T>(), Options(options), tags?.ToArray(), cancellationToken);

    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        SetAsync(key, value, TypeOf<T>(), Options(options), tags?.ToArray(), cancellationToken);

    private static CacheEntryOptions Options(HybridCacheEntryOptions? options)
    {
        var own = new CacheEntryOptions();
        return own with
        {
            TimeToLive = options?.Expiration ?? own.TimeToLive,
            LocalTimeToLive = options?.LocalCacheExpiration ?? own.LocalTimeToLive,
        };
    }

    private JsonTypeInfo<T> TypeOf<T>() => _types?.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw Failure.Invalid(
            $"How {typeof(T).Name} is written as JSON is not known; add [JsonSerializable(typeof({typeof(T).Name}))] to the context that AddCache is given.");

    /// <summary>One making of a value, for all who wait for it.</summary>
    private async Task Fly<T>(
        Flight flight, string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> json, CacheEntryOptions options,
        IReadOnlyCollection<string> tags)
    {
        CachedValue? stale = null;
        try
        {
            stale = await Look(key, CancellationToken.None);
            if (stale is { } found && found.FreshUntil > _channel.Clock.GetUtcNow())
            {
                flight.Value.TrySetResult(found.Json);
                return;
            }

            var bytes = JsonSerializer.SerializeToUtf8Bytes(await factory(CancellationToken.None), json);
            CacheChecks.Value(bytes);
            flight.Value.TrySetResult(bytes);
            // Removed meanwhile, it was made from what may be old: it is given to those who waited, and not kept.
            if (_flights.TryGetValue(key, out var current) && ReferenceEquals(current, flight))
            {
                await Keep(key, bytes, options, tags, CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            // Whatever the factory throws is its callers' to see, unless the old value may stand in.
            if (stale is { } old && options.StaleOnError > TimeSpan.Zero)
            {
                Instruments.CacheAsked(_channel.Service, "stale");
                flight.Value.TrySetResult(old.Json);
            }
            else
            {
                flight.Value.TrySetException(error);
            }
        }
        finally
        {
            _flights.TryRemove(new KeyValuePair<string, Flight>(key, flight));
        }
    }

    private async ValueTask<CachedValue?> Look(string key, CancellationToken cancellation)
    {
        if (_memory.Get(key) is { } local)
        {
            return local;
        }

        try
        {
            var stored = await _channel.Invoke(Get, null, key, static (driver, _, each, stop) => driver.GetAsync(each, stop), cancellation);
            Instruments.CacheAsked(_channel.Service, stored is null ? "miss" : "hit");
            return stored is { Length: >= HeaderBytes } bytes
                ? new CachedValue(
                    bytes[HeaderBytes..], DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.Span)))
                : null;
        }
        catch (FuryException trouble) when (trouble.IsTransient)
        {
            return null;
        }
    }

    private async ValueTask Keep(
        string key, byte[] json, CacheEntryOptions options, IReadOnlyCollection<string> tags, CancellationToken cancellation)
    {
        if (tags.Count > 0)
        {
            _channel.Require(CacheCapabilities.Tags, "A tag");
        }

        var fresh = _channel.Clock.GetUtcNow() + options.TimeToLive;
        var bytes = new byte[HeaderBytes + json.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, fresh.ToUnixTimeMilliseconds());
        json.CopyTo(bytes, HeaderBytes);
        await Do(
            Put,
            (key, bytes, Life: options.TimeToLive + options.StaleOnError, tags),
            static (driver, each, stop) => driver.SetAsync(each.key, each.bytes, each.Life, each.tags, stop),
            cancellation);
        var local = options.LocalTimeToLive < options.TimeToLive ? options.LocalTimeToLive : options.TimeToLive;
        _memory.Set(key, new CachedValue(json, fresh), local, tags);
    }

    /// <summary>A change. One that does not reach the provider leaves an old value for at most its time to live, so it is the caller's to know.</summary>
    private async ValueTask Do<TState>(
        Operation operation, TState state, Func<ICacheDriver, TState, CancellationToken, ValueTask> body, CancellationToken cancellation) =>
        await _channel.Invoke(
            operation,
            null,
            (state, body),
            static async (driver, _, each, stop) =>
            {
                await each.body(driver, each.state, stop);
                return true;
            },
            cancellation);
}

/// <summary>What arguments of a cache must be.</summary>
internal static class CacheChecks
{
    private const int KeyBytesMax = 512;
    private const int ValueBytesMax = 1024 * 1024;
    private const int TagsMax = 16;

    private static readonly TimeSpan LifeMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LifeMax = TimeSpan.FromDays(366);

    public static void Key(string key) => Check.Key("key", key, KeyBytesMax);

    public static void Life(TimeSpan life) => Check.Between("TimeToLive", life, LifeMin, LifeMax);

    public static void Value(byte[] value) => Check.Size("The value", value.Length, ValueBytesMax, "Cache its parts, or where it is.");

    public static void Entry(string key, CacheEntryOptions? options, IReadOnlyCollection<string>? tags)
    {
        Key(key);
        if (options is not null)
        {
            Life(options.TimeToLive);
            Check.Between("LocalTimeToLive", options.LocalTimeToLive, TimeSpan.Zero, LifeMax);
            Check.Between("StaleOnError", options.StaleOnError, TimeSpan.Zero, LifeMax);
        }

        Check.Between("The number of tags", tags?.Count, 0, TagsMax);
        foreach (var tag in tags ?? [])
        {
            Check.Key("tag", tag, KeyBytesMax);
        }
    }
}
