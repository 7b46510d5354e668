using System.Net;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Informers;

/// <summary>Who listens to an informer. A listener that takes its time holds the informer back, and with it the connection.</summary>
internal interface IInformerListener<T>
    where T : class
{
    ValueTask Hear(Told<T> news, CancellationToken cancellation);

    /// <summary>All that there is was told, and changes follow without a gap.</summary>
    ValueTask Whole(CancellationToken cancellation);

    /// <summary>From now on news may be late.</summary>
    ValueTask Interrupted(Fault why, CancellationToken cancellation);
}

/// <summary>
/// Lists, then watches, then watches on from the last version after a cut, and lists again when the server no longer remembers it. Ends only
/// when cancelled. A cut that is mended at the first attempt is nobody's business.
/// </summary>
internal sealed class Informer<T>(
    IObjectSource<T> source, InformerState<T> state, IInformerListener<T> listener, TimeProvider clock, Func<double> chance)
    where T : class
{
    /// <summary>A watch that was open for so long has worked, though nothing happened.</summary>
    private static readonly TimeSpan QuietMin = TimeSpan.FromSeconds(10);

    private int _failures;
    private bool _isWhole;

    public async Task Run(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (state.Version is null)
            {
                ClusterApiMetrics.Relists.Add(1);
                await List(cancellation);
            }
            else
            {
                await Watch(state.Version, cancellation);
            }
        }
    }

    private async Task List(CancellationToken cancellation)
    {
        state.Forget();
        string? next = null;
        do
        {
            var page = await source.List(next, cancellation);
            if (!page.IsOk)
            {
                // An expired token of a page begins the list anew; so does the next round after any other fault.
                await Failed(page.Fault.IsStatus(HttpStatusCode.Gone) ? null : page.Fault, page.Fault.RetryAfter(), cancellation);
                return;
            }

            await Tell(state.Listed(page.Value.Items), cancellation);
            next = page.Value.Next;
            if (next is null)
            {
                await Tell(state.ListEnded(page.Value.Version), cancellation);
            }
        }
        while (next is not null);

        await BeWhole(cancellation);
    }

    private async Task Watch(string version, CancellationToken cancellation)
    {
        var heard = false;
        var begun = clock.GetTimestamp();
        try
        {
            await foreach (var change in source.Watch(version, cancellation))
            {
                switch (change)
                {
                    case ObjectChange<T>.Opened:
                        await BeWhole(cancellation);
                        break;
                    case ObjectChange<T>.Refused refused:
                        await Refused(refused.Why, cancellation);
                        return;
                    default:
                        heard = true;
                        _failures = 0;
                        await Tell(Take(change), cancellation);
                        break;
                }
            }
        }
        catch (Exception cut) when (cut is IOException or InvalidDataException && !cancellation.IsCancellationRequested)
        {
            ClusterApiMetrics.Cuts.Add(1);
        }

        if (heard || clock.GetElapsedTime(begun) > QuietMin)
        {
            _failures = 0;
        }
        else
        {
            // A server that opens a watch only to close it is not asked again at once.
            await Failed(null, TimeSpan.Zero, cancellation);
        }
    }

    private IReadOnlyList<Told<T>> Take(ObjectChange<T> change)
    {
        switch (change)
        {
            case ObjectChange<T>.Written written:
                return state.Written(written.Item, written.Version);
            case ObjectChange<T>.Deleted deleted:
                return state.Deleted(deleted.Item, deleted.Version);
            case ObjectChange<T>.Bookmark bookmark:
                state.Bookmark(bookmark.Version);
                return [];
            default:
                return [];
        }
    }

    private async Task Refused(Fault why, CancellationToken cancellation)
    {
        if (why.IsStatus(HttpStatusCode.Gone))
        {
            state.Forget();
            await Failed(null, TimeSpan.Zero, cancellation);
            return;
        }

        await Failed(why, why.RetryAfter(), cancellation);
    }

    private async Task Tell(IReadOnlyList<Told<T>> news, CancellationToken cancellation)
    {
        foreach (var one in news)
        {
            await listener.Hear(one, cancellation);
        }
    }

    private async Task BeWhole(CancellationToken cancellation)
    {
        if (!_isWhole)
        {
            _isWhole = true;
            await listener.Whole(cancellation);
        }
    }

    /// <param name="why">Null: not worth a word.</param>
    private async Task Failed(Fault? why, TimeSpan atLeast, CancellationToken cancellation)
    {
        if (why is not null)
        {
            _isWhole = false;
            await listener.Interrupted(why, cancellation);
        }

        var pause = Retry.Endless(++_failures, chance());
        await Task.Delay(pause > atLeast ? pause : atLeast, clock, cancellation);
    }
}
