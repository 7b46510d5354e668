using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Changes of one pool that come at about the same time are written together: of a thousand instances that are given, get ready or go within a second the
/// pool is locked, read and told a few times and not a thousand, and no connection waits for another one's lock.
/// </summary>
/// <param name="write">One transaction.</param>
internal sealed class TogetherWritten(Func<PoolId, Func<Pool, Pool>, CancellationToken, Task<Outcome<Pool>>> write)
{
    private const int WrittenAtOnceMax = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<PoolId, Writing> _pools = [];

    public async Task<Outcome<Pool>> Change(PoolId id, Func<Pool, Pool> change, CancellationToken cancellation)
    {
        var writing = Enter(id);
        try
        {
            return await writing.Changes.Add(change, cancellation);
        }
        finally
        {
            Leave(id, writing);
        }
    }

    private Writing Enter(PoolId id)
    {
        lock (_lock)
        {
            if (!_pools.TryGetValue(id, out var writing))
            {
                writing = _pools[id] = new(new((changes, cancellation) => Write(id, changes, cancellation), WrittenAtOnceMax));
            }

            writing.Callers++;
            return writing;
        }
    }

    private void Leave(PoolId id, Writing writing)
    {
        lock (_lock)
        {
            if (--writing.Callers == 0)
            {
                _pools.Remove(id);
            }
        }
    }

    private async Task<IReadOnlyList<Outcome<Pool>>> Write(PoolId id, IReadOnlyList<Func<Pool, Pool>> changes, CancellationToken cancellation)
    {
        var written = await write(id, pool => changes.Aggregate(pool, (known, change) => change(known)), cancellation);
        return [.. Enumerable.Repeat(written, changes.Count)];
    }

    private sealed class Writing(GroupCommit<Func<Pool, Pool>, Outcome<Pool>> changes)
    {
        public GroupCommit<Func<Pool, Pool>, Outcome<Pool>> Changes => changes;

        public int Callers { get; set; }
    }
}
