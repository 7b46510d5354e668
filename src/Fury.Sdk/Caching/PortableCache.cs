using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Telemetry;

namespace Fury.Sdk.Caching;

/// <summary>Two levels over a driver. A provider that is away makes it slower, not wrong: values are then made anew.</summary>
internal sealed partial class PortableCache : FuryCache
{
    private static readonly Operation Get = new("get", Effect.Read);
    private static readonly Operation Put = new("set", Effect.Idempotent);
    private static readonly Operation Delete = new("remove", Effect.Idempotent);
    private static readonly Operation DeleteTag = new("remove-by-tag", Effect.Idempotent);
    private static readonly Operation Count = new("increment", Effect.Once);

    private readonly ServiceChannel<ICacheDriver> _channel;
    private readonly LocalMemory _memory;
    private readonly JsonSerializerContext? _types;
    private readonly ConcurrentDictionary<string, Flight> _flights = new();

    /// <param name="types">For HybridCache's own members, which do not say how a type is written.</param>
    public PortableCache(ServiceChannel<ICacheDriver> channel, JsonSerializerContext? types)
    {
        (_channel, _types, _memory) = (channel, types, new LocalMemory(channel.Clock));
        Service = new CacheService(channel);
        channel.Switched += _ => _memory.Clear();
    }

    public override FuryService Service { get; }

    public override async ValueTask<CacheLookup<T>> TryGetAsync<T>(
        string key, JsonTypeInfo<T> json, CancellationToken cancellationToken = default)
    {
        CacheChecks.Key(key);
        Check.NotNull("json", json);
        return await Look(key, cancellationToken) is { } found && found.FreshUntil > _channel.Clock.GetUtcNow()
            ? new CacheLookup<T>(true, Json.Read(found.Json.Span, json, $"The cached {Check.Show(key)}"))
            : new CacheLookup<T>(false, default);
    }

    public override async ValueTask<T> GetOrCreateAsync<T>(
        string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> json, CacheEntryOptions? options = null,
        IReadOnlyCollection<string>? tags = null, CancellationToken cancellationToken = default)
    {
        CacheChecks.Entry(key, options, tags);
        Check.NotNull("factory", factory);
        Check.NotNull("json", json);
        if (_memory.Get(key) is { } local && local.FreshUntil > _channel.Clock.GetUtcNow())
        {
            Instruments.CacheAsked(_channel.Service, "local");
            return Json.Read(local.Json.Span, json, $"The cached {Check.Show(key)}");
        }

        var flight = new Flight();
        var current = _flights.GetOrAdd(key, flight);
        if (ReferenceEquals(current, flight))
        {
            // Not with the caller's token: others wait for the value too.
            _ = Fly(flight, key, factory, json, options ?? new CacheEntryOptions(), tags ?? []);
        }

        var bytes = await current.Value.Task.WaitAsync(cancellationToken);
        return Json.Read(bytes.Span, json, $"The cached {Check.Show(key)}");
    }

    public override async ValueTask SetAsync<T>(
        string key, T value, JsonTypeInfo<T> json, CacheEntryOptions? options = null, IReadOnlyCollection<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        CacheChecks.Entry(key, options, tags);
        Check.NotNull("json", json);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, json);
        CacheChecks.Value(bytes);
        _flights.TryRemove(key, out _);
        await Keep(key, bytes, options ?? new CacheEntryOptions(), tags ?? [], cancellationToken);
    }

    public override async ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        CacheChecks.Key(key);
        _flights.TryRemove(key, out _);
        _memory.Remove(key);
        await Do(Delete, key, static (driver, each, stop) => driver.RemoveAsync(each, stop), cancellationToken);
        _memory.Remove(key);
    }

    public override async ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        CacheChecks.Key(tag);
        _channel.Require(CacheCapabilities.Tags, "A tag");
        _flights.Clear();
        _memory.RemoveByTag(tag);
        await Do(DeleteTag, tag, static (driver, each, stop) => driver.RemoveByTagAsync(each, stop), cancellationToken);
        _memory.RemoveByTag(tag);
    }

    public override ValueTask<long> IncrementAsync(
        string key, long delta, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        CacheChecks.Key(key);
        CacheChecks.Life(timeToLive);
        return _channel.Invoke(
            Count,
            null,
            (key, delta, timeToLive),
            static (driver, _, state, stop) => driver.IncrementAsync(state.key, state.delta, state.timeToLive, stop),
            cancellationToken);
    }

    /// <summary>Forgets here what others have changed, until cancelled.</summary>
    internal async Task Watch(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await _channel.Ready.WaitAsync(cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            if (!cancellation.IsCancellationRequested)
            {
                await WatchOne(cancellation);
                _memory.Clear();
            }
        }
    }

    private async Task WatchOne(CancellationToken cancellation)
    {
        var generation = _channel.Enter();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, generation.Retiring);
            await foreach (var gone in generation.Driver.WatchAsync(either.Token))
            {
                if (gone.Key is { } key)
                {
                    _memory.Remove(key);
                }
                else if (gone.Tag is { } tag)
                {
                    _memory.RemoveByTag(tag);
                }
                else
                {
                    _memory.Clear();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Another provider, or the end.
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // Until it can be watched again, what is in memory lives only as long as it may.
            await Task.Delay(TimeSpan.FromSeconds(1), _channel.Clock, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        finally
        {
            generation.Exit();
        }
    }

    private sealed class Flight
    {
        public TaskCompletionSource<ReadOnlyMemory<byte>> Value { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class CacheService : FuryService
    {
        public CacheService(IServiceChannel channel)
            : base(channel.Service) => Follow(channel);
    }
}
