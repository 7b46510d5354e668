using System.Threading.Channels;
using Fury.Kernel;

namespace Fury.Sidecar.Routing;

/// <summary>Requests that are held until their scope has an endpoint again. Safe for threads.</summary>
internal sealed class Holds
{
    /// <summary>How many requests of one scope are held at the same time; more are told to come back.</summary>
    public const int RequestsPerScopeMax = 1000;

    /// <summary>What all that are held may take, in bytes; more are told to come back.</summary>
    public const long BytesMax = 64 << 20;

    /// <summary>What a request that is held takes beside its body, in bytes.</summary>
    public const int RequestBytes = 16 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<ScopeRef, Held> _scopes = [];
    private readonly Channel<bool> _begun = Channel.CreateBounded<bool>(1);
    private long _bytes;

    /// <summary>
    /// A place among those of the scope that are held; null when there is no room. Take it before looking at the routes, so that no change is missed that
    /// comes after the look, and dispose it when the request goes on.
    /// </summary>
    /// <param name="pool">The one that it waits for, which is reported: at once when it is the first.</param>
    public Place? Enter(ScopeRef scope, PoolSlot pool, int bodyBytes)
    {
        lock (_gate)
        {
            var (held, bytes) = (_scopes.GetValueOrDefault(scope) ?? new(), bodyBytes + RequestBytes);
            if (held.Count >= RequestsPerScopeMax || _bytes + bytes > BytesMax)
            {
                return null;
            }

            _scopes[scope] = held;
            held.Count++;
            _bytes += bytes;
            if (pool.BeginWait() == 1)
            {
                _begun.Writer.TryWrite(true);
            }

            return new(this, scope, pool, bytes);
        }
    }

    /// <summary>The routes of these have changed: whoever is held looks again.</summary>
    public void Release(IEnumerable<ScopeRef> scopes)
    {
        lock (_gate)
        {
            foreach (var held in scopes.Select(scope => _scopes.GetValueOrDefault(scope)).OfType<Held>())
            {
                held.Changed.SetResult();
                held.Changed = NewSignal();
            }
        }
    }

    /// <summary>Ends when a pool has come to be waited for.</summary>
    public async Task Begun(CancellationToken cancellation) => await _begun.Reader.ReadAsync(cancellation);

    private Task NextChange(ScopeRef scope)
    {
        lock (_gate)
        {
            return _scopes[scope].Changed.Task;
        }
    }

    private void Leave(ScopeRef scope, int bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            if (--_scopes[scope].Count == 0)
            {
                _scopes.Remove(scope);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Held
    {
        public int Count { get; set; }

        public TaskCompletionSource Changed { get; set; } = NewSignal();
    }

    /// <summary>Of one request.</summary>
    internal sealed class Place(Holds holds, ScopeRef scope, PoolSlot pool, int bytes) : IDisposable
    {
        /// <summary>Ends when the routes change. Take it before looking at them.</summary>
        public Task NextChange() => holds.NextChange(scope);

        public void Dispose()
        {
            pool.EndWait();
            holds.Leave(scope, bytes);
        }
    }
}
