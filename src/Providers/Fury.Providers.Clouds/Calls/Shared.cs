using Fury.Kernel;

namespace Fury.Providers.Clouds;

/// <summary>
/// Makes one call for all who ask for the same thing at about the same time. It begins after they have asked, so each learns of all that was before; a call
/// whose first asker goes away is made all the same, since others share it.
/// </summary>
internal sealed class Shared<T>(Func<CancellationToken, Task<Outcome<T>>> call, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Task<Outcome<T>>? _open;

    public Task<Outcome<T>> Ask(CancellationToken cancellation)
    {
        lock (_lock)
        {
            return (_open ??= Make()).WaitAsync(cancellation);
        }
    }

    private async Task<Outcome<T>> Make()
    {
        await Task.Delay(Coalesced.Window, clock);
        lock (_lock)
        {
            _open = null;
        }

        return await call(CancellationToken.None);
    }
}
