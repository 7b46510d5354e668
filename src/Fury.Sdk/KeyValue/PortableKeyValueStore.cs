using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.KeyValue;

/// <summary>The semantics of a key-value store over whatever driver stands behind it.</summary>
internal sealed partial class PortableKeyValueStore : KeyValueStore
{
    private static readonly Operation GetOne = new("get", Effect.Read) { CanBeHedged = true };
    private static readonly Operation GetMany = new("get-many", Effect.Read) { CanBeHedged = true };
    private static readonly Operation Set = new("set", Effect.Idempotent);
    private static readonly Operation SetIf = new("set", Effect.Recognised);
    private static readonly Operation Count = new("increment", Effect.Recognised);
    private static readonly Operation Delete = new("delete", Effect.Recognised);
    private static readonly Operation ScanPage = new("scan", Effect.Read) { CanBeHedged = true };

    private readonly ServiceChannel<IKeyValueDriver> _channel;

    public PortableKeyValueStore(ServiceChannel<IKeyValueDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    private DateTimeOffset Now => _channel.Clock.GetUtcNow();

    public override ValueTask<KvEntry?> GetAsync(KvKey key, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        KvChecks.Key(key);
        Check.Options(options);
        return _channel.Invoke(
            GetOne,
            options,
            (Store: this, key, options?.Consistency ?? ReadConsistency.Strong),
            static (driver, _, state, cancellation) => state.Store.Look(driver, state.key, state.Item3, cancellation),
            cancellationToken);
    }

    public override async Task<IReadOnlyList<BatchItem<KvKey, KvEntry?>>> GetManyAsync(
        IReadOnlyList<KvKey> keys, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.NotNull("keys", keys);
        Check.Between("The number of keys", keys.Count, 1, KvChecks.BatchMax);
        foreach (var key in keys)
        {
            KvChecks.Key(key);
        }

        Check.Options(options);
        var items = await _channel.Invoke(
            GetMany,
            options,
            (Keys: keys, options?.Consistency ?? ReadConsistency.Strong),
            static (driver, _, state, cancellation) => driver.GetManyAsync(state.Keys, state.Item2, cancellation),
            cancellationToken);
        return [.. keys.Select((key, index) => Opened(key, items[index]))];
    }

    public override async Task<ETag> SetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        KvChecks.Value(value);
        return (await Write(options?.Condition == default && options?.Fence is null ? Set : SetIf, key, options, _ => value, false, cancellationToken))
            .ETag;
    }

    public override async Task<KvAttempt> TrySetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions options, CancellationToken cancellationToken = default)
    {
        Check.NotNull("options", options);
        try
        {
            return new KvAttempt(true, await SetAsync(key, value, options, cancellationToken));
        }
        catch (FuryException refused)
            when (refused is { OutcomeUnknown: false, Code: FuryErrorCode.AlreadyExists or FuryErrorCode.PreconditionFailed })
        {
            return new KvAttempt(false, refused.CurrentETag);
        }
    }

    public override async Task<long> IncrementAsync(
        KvKey key, long delta = 1, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        _channel.Require(KeyValueCapabilities.Cas, "An increment");
        var entry = await Write(Count, key, options, old => Sum(old, delta), mustLook: true, cancellationToken);
        return Number(entry.Value);
    }

    public override async Task<bool> TouchAsync(KvKey key, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        _channel.Require(KeyValueCapabilities.Cas, "A touch");
        var options = new KvWriteOptions { Condition = WriteCondition.IfPresent, TimeToLive = timeToLive };
        try
        {
            await Write(SetIf, key, options, old => old!.Value, mustLook: true, cancellationToken);
            return true;
        }
        catch (FuryException absent) when (absent is { Code: FuryErrorCode.PreconditionFailed, OutcomeUnknown: false })
        {
            return false;
        }
    }

    public override async Task<KvEntry<T>> UpdateAsync<T>(
        KvKey key, Func<T?, T> change, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
        where T : default
    {
        Check.NotNull("change", change);
        Check.NotNull("json", json);
        if (options is { Condition.Rule: not WriteRule.None })
        {
            throw Failure.Invalid($"The condition {options.Condition} has no place in an update, which has its own; leave it out.");
        }

        _channel.Require(KeyValueCapabilities.Cas, "An update");
        for (var round = 1; ; round++)
        {
            var seen = await GetAsync(key, json, cancellationToken: cancellationToken);
            var next = change(seen is null ? default : seen.Value);
            var condition = seen is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(seen.ETag);
            var guarded = (options ?? new KvWriteOptions()) with { Condition = condition };
            var bytes = JsonSerializer.SerializeToUtf8Bytes(next, json);
            if (await TrySetAsync(key, bytes, guarded, cancellationToken) is { Applied: true, Current: { } tag })
            {
                return new KvEntry<T>(key, next, tag, KvExpiry(guarded.TimeToLive));
            }

            if (round == KvWriting.RoundsMax)
            {
                throw Failure.Contended($"The key {Check.Show(key.ToString())}", round);
            }

            await KvWriter.Backoff(round, _channel.Clock, cancellationToken);
        }
    }

    public override async ValueTask<KvEntry<T>?> GetAsync<T>(
        KvKey key, JsonTypeInfo<T> json, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.NotNull("json", json);
        return await GetAsync(key, options, cancellationToken) is { } entry
            ? new KvEntry<T>(key, Json.Read(entry.Value.Span, json, $"The value of {Check.Show(key.ToString())}"), entry.ETag, entry.ExpiresAt)
            : null;
    }

    public override Task<ETag> SetAsync<T>(
        KvKey key, T value, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.NotNull("json", json);
        return SetAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, json), options, cancellationToken);
    }

    private async Task<KvEntry> Write(
        Operation operation, KvKey key, KvWriteOptions? options, Func<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>> value, bool mustLook,
        CancellationToken cancellation)
    {
        KvChecks.Key(key);
        Check.Options(options);
        KvChecks.Life(options?.TimeToLive);
        var condition = options?.Condition ?? default;
        KvChecks.Condition(condition);
        if (options?.TimeToLive is not null)
        {
            _channel.Require(KeyValueCapabilities.TimeToLive, "TimeToLive");
        }

        if (condition.Rule != WriteRule.None || options?.Fence is not null)
        {
            _channel.Require(KeyValueCapabilities.Cas, options?.Fence is null ? $"The condition {condition.Rule}" : "A fence");
        }

        var now = Now;
        var wish = new KvWish(
            Guid.CreateVersion7(now), key, condition, options?.Fence?.FencingToken ?? 0, KvExpiry(options?.TimeToLive));
        return await _channel.Invoke(
            operation,
            options,
            (wish, value, mustLook: mustLook || KvWriting.NeedsLook(wish), _channel.Clock),
            static (driver, call, state, stop) => KvWriter.Write(driver, call, state.wish, state.value, state.mustLook, state.Clock, stop),
            cancellation);
    }

    private async ValueTask<KvEntry?> Look(IKeyValueDriver driver, KvKey key, ReadConsistency consistency, CancellationToken cancellation) =>
        await driver.GetAsync(key, consistency, cancellation) is { } item ? Live(item) : null;

    private KvEntry? Live(KvItem item)
    {
        var envelope = KvEnvelope.Read(item.Value.Span);
        return envelope.IsLive(Now) ? KvWriter.Entry(item, envelope) : null;
    }

    private BatchItem<KvKey, KvEntry?> Opened(KvKey key, KvItem? item)
    {
        try
        {
            return new(key, item is { } there ? Live(there) : null, null);
        }
        catch (FuryException corrupted)
        {
            return new(key, null, corrupted);
        }
    }

    private DateTimeOffset? KvExpiry(TimeSpan? life) =>
        life is { } given ? DateTimeOffset.FromUnixTimeMilliseconds((Now + given).ToUnixTimeMilliseconds()) : null;

    private static ReadOnlyMemory<byte> Sum(ReadOnlyMemory<byte>? old, long delta)
    {
        try
        {
            var sum = checked((old is { } bytes ? Number(bytes) : 0) + delta);
            return Encoding.ASCII.GetBytes(sum.ToString(CultureInfo.InvariantCulture));
        }
        catch (OverflowException)
        {
            throw Failure.Invalid($"The sum with {delta} is beyond 64 bits; nothing was changed.");
        }
    }

    private static long Number(ReadOnlyMemory<byte> bytes) =>
        long.TryParse(bytes.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Failure.Invalid($"The value under the key ({bytes.Length} bytes) is no whole number, so nothing can be added to it.");
}
