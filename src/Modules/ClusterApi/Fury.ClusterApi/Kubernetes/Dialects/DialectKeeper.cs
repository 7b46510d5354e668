using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.ClusterApi.Kubernetes.Dialects;

/// <summary>
/// The dialect of one cluster, asked for again after a while and as soon as something that was served is not: a control plane is upgraded
/// under our feet, and nobody restarts Fury for it.
/// </summary>
internal sealed partial class DialectKeeper(Discovery discovery, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private Held? _held;

    /// <summary>Asks now, whatever is known.</summary>
    public Task<Outcome<Dialect>> Ask(CancellationToken cancellation) => Renew(Volatile.Read(ref _held), cancellation);

    public async Task<Outcome<Dialect>> Get(CancellationToken cancellation)
    {
        var held = Volatile.Read(ref _held);
        return held is not null && clock.GetElapsedTime(held.At) < AskAgainAfter ? held.Dialect : await Renew(held, cancellation);
    }

    /// <summary>Acts in the dialect of now, and, when it turns out to be the one of yesterday, once more in the new one.</summary>
    public async Task<Outcome<T>> Speak<T>(Func<Dialect, Task<Outcome<T>>> act, CancellationToken cancellation)
    {
        var dialect = await Get(cancellation);
        if (!dialect.IsOk)
        {
            return dialect.Fault;
        }

        var done = await act(dialect.Value);
        if (!done.Fault.IsNotServed())
        {
            return done;
        }

        var renewed = await Renew(Volatile.Read(ref _held), cancellation);
        return renewed.IsOk && renewed.Value != dialect.Value ? await act(renewed.Value) : renewed.Fault ?? done;
    }

    public void Dispose() => _one.Dispose();

    /// <param name="seen">What the caller found wanting; another has been found since when it is not the present one any more.</param>
    private async Task<Outcome<Dialect>> Renew(Held? seen, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_held is { } other && !ReferenceEquals(other, seen))
            {
                return other.Dialect;
            }

            var found = await discovery.Ask(cancellation);
            if (found.IsOk)
            {
                if (seen is not null && seen.Dialect != found.Value)
                {
                    ClusterApiMetrics.Dialects.Add(1);
                    LogChanged(logger, seen.Dialect.Version.Text, found.Value.Version.Text);
                }

                Volatile.Write(ref _held, new(found.Value, clock.GetTimestamp()));
                return found;
            }

            // A server that is busy or away has not been upgraded because of that.
            return seen is not null && found.Fault.Kind is FaultKind.Unavailable or FaultKind.Throttled ? seen.Dialect : found;
        }
        finally
        {
            _one.Release();
        }
    }

    [LoggerMessage(LogLevel.Information, "A cluster has gone from {Old} to {New}; its dialect follows.")]
    private static partial void LogChanged(ILogger logger, string old, string @new);

    private sealed record Held(Dialect Dialect, long At);
}
