namespace Fury.Mesh.Proxies;

/// <summary>The proxies of other hosts, read once for all who ask at the same time.</summary>
internal sealed class ProxiesElsewhere(ProxyStore store, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private IReadOnlyList<RecordedProxy> _last = [];
    private long _lastBegun = long.MinValue;

    /// <summary>As of a reading that began after this was called, so that a proxy that joined before is in it.</summary>
    public async Task<IReadOnlyList<RecordedProxy>> Read(CancellationToken cancellation)
    {
        var asked = clock.GetTimestamp();
        await _reading.WaitAsync(cancellation);
        try
        {
            if (_lastBegun <= asked)
            {
                var begun = clock.GetTimestamp();
                _last = await store.Elsewhere(cancellation);
                _lastBegun = begun;
            }

            return _last;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();
}
