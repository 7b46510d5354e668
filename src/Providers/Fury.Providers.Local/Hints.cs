using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Fury.Providers.Local;

/// <summary>Ids of what has changed, for whoever listens now.</summary>
internal sealed class Hints
{
    /// <summary>Those that a slow subscriber may be behind; older ones are dropped.</summary>
    private const int BehindMax = 4096;

    private readonly ConcurrentDictionary<Channel<string>, bool> _subscribers = new();

    public void Tell(string id)
    {
        foreach (var subscriber in _subscribers.Keys)
        {
            subscriber.Writer.TryWrite(id);
        }
    }

    public async IAsyncEnumerable<string> Read([EnumeratorCancellation] CancellationToken cancellation)
    {
        var hints = Channel.CreateBounded<string>(new BoundedChannelOptions(BehindMax) { FullMode = BoundedChannelFullMode.DropOldest });
        _subscribers[hints] = true;
        try
        {
            await foreach (var id in hints.Reader.ReadAllAsync(cancellation))
            {
                yield return id;
            }
        }
        finally
        {
            _subscribers.TryRemove(hints, out _);
        }
    }
}
