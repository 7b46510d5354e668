using System.Security.Cryptography;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;

namespace Fury.Services.Gateway;

/// <summary>
/// What has changed in a cache since this host watches it, as far back as it is kept: many instances ask for it, each from where it was, by questions that
/// wait. It ends when the cache cannot be watched any more. Safe for threads.
/// </summary>
internal sealed class CacheLog(ICacheDriver cache, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Whoever has missed more is told that all may have changed.</summary>
    internal const int NewsMax = 4096;

    private readonly string _name = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Queue<CacheInvalidation> _news = new();
    private TaskCompletionSource _changed = New();
    private Task _watching = Task.CompletedTask;
    private Exception? _end;
    private long _position;

    public bool IsOver => Volatile.Read(ref _end) is not null;

    public CacheLog Start()
    {
        _watching = Watch();
        return this;
    }

    /// <summary>What has changed since then, as soon as something has; nothing after so long.</summary>
    /// <param name="known">Positions by log; without one of this log, all may have changed.</param>
    public async ValueTask<CacheNews> After(IReadOnlyDictionary<string, long> known, TimeSpan wait, CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            Task changed;
            TimeSpan left;
            lock (_gate)
            {
                if (_end is not null)
                {
                    throw _end;
                }

                left = wait - clock.GetElapsedTime(begun);
                if (Told(known, left <= TimeSpan.Zero) is { } news)
                {
                    return news;
                }

                changed = _changed.Task;
            }

            // A time that is over is seen above.
            await changed.WaitAsync(left, clock, cancellation).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null while there is nothing to say.</summary>
    private CacheNews? Told(IReadOnlyDictionary<string, long> known, bool isLate)
    {
        var oldest = _position - _news.Count;
        return !known.TryGetValue(_name, out var position) || position < oldest || position > _position ? new(_name, _position, true, [])
            : position < _position || isLate ? new(_name, _position, false, [.. _news.Skip((int)(position - oldest))])
            : null;
    }

    private async Task Watch()
    {
        Exception end;
        try
        {
            await foreach (var gone in cache.WatchAsync(_stop.Token))
            {
                Change(() =>
                {
                    _position++;
                    _news.Enqueue(gone);
                    if (_news.Count > NewsMax)
                    {
                        _news.Dequeue();
                    }
                });
            }

            end = new FuryException(FuryErrorCode.Unavailable, "The cache tells no changes any more.") { IsTransient = true };
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = new FuryException(FuryErrorCode.Unavailable, "The cache is not watched here any more.") { IsTransient = true };
        }
        catch (Exception broken)
        {
            end = broken as FuryException ?? cache.Translate(broken);
        }

        Change(() => _end = end);
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            (changed, _changed) = (_changed, New());
        }

        changed.SetResult();
    }
}

/// <summary>A cache of a host, whose changes are watched once for all instances that ask for them, from when the first has asked.</summary>
internal sealed class LoggedCache(ICacheDriver inner, TimeProvider clock) : ICacheDriver
{
    private readonly Lock _gate = new();
    private CacheLog? _log;

    public string Provider => inner.Provider;

    public CapabilitySet Declared => inner.Declared;

    public bool EndsAtOnce => inner.EndsAtOnce;

    /// <inheritdoc cref="CacheLog.After"/>
    public ValueTask<CacheNews> After(IReadOnlyDictionary<string, long> known, TimeSpan wait, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // One that is over was told to those who waited.
            _log = _log is { IsOver: false } ? _log : new CacheLog(inner, clock).Start();
            return _log.After(known, wait, cancellation);
        }
    }

    public FuryException Translate(Exception error) => inner.Translate(error);

    public ValueTask ProbeAsync(CancellationToken cancellation) => inner.ProbeAsync(cancellation);

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation) => inner.GetAsync(key, cancellation);

    public ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation) =>
        inner.SetAsync(key, value, timeToLive, tags, cancellation);

    public ValueTask RemoveAsync(string key, CancellationToken cancellation) => inner.RemoveAsync(key, cancellation);

    public ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation) => inner.RemoveByTagAsync(tag, cancellation);

    public ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation) =>
        inner.IncrementAsync(key, delta, timeToLive, cancellation);

    public IAsyncEnumerable<CacheInvalidation> WatchAsync(CancellationToken cancellation) => inner.WatchAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_log is { } log)
        {
            await log.DisposeAsync();
        }

        await inner.DisposeAsync();
    }
}
