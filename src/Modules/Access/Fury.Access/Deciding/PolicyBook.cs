namespace Fury.Access.Deciding;

/// <summary>
/// All roles and grants, remembered. A change is seen at once by the host that has made it, and within <see cref="FreshFor"/> by the others. While the
/// database is away nobody is judged by what is older than that.
/// </summary>
internal sealed class PolicyBook(PolicyStore store, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private Remembered? _known;
    private int _changes;

    public async Task<Policy> Current(CancellationToken cancellation)
    {
        if (Fresh is { } fresh)
        {
            return fresh;
        }

        await _reading.WaitAsync(cancellation);
        try
        {
            if (Fresh is { } other)
            {
                return other;
            }

            // The version first: what changes between the two is seen as a change the next time.
            var (at, known, changes) = (clock.GetTimestamp(), Volatile.Read(ref _known), Volatile.Read(ref _changes));
            var version = await store.Version(cancellation);
            var policy = known?.Version == version ? known.Policy : await store.Read(cancellation);
            Volatile.Write(ref _known, new(policy, version, at));
            if (Volatile.Read(ref _changes) != changes)
            {
                // It may have been read before the change that this host has made meanwhile.
                Volatile.Write(ref _known, null);
            }

            return policy;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Forget()
    {
        Interlocked.Increment(ref _changes);
        Volatile.Write(ref _known, null);
    }

    public void Dispose() => _reading.Dispose();

    private Policy? Fresh => Volatile.Read(ref _known) is { } known && clock.GetElapsedTime(known.At) < FreshFor ? known.Policy : null;

    private sealed record Remembered(Policy Policy, long Version, long At);
}
