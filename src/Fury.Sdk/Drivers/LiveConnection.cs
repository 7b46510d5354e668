namespace Fury.Sdk.Drivers;

/// <summary>A connection that all callers share until it breaks.</summary>
internal interface IBreakable : IAsyncDisposable
{
    bool IsBroken { get; }
}

/// <summary>The one connection of a driver, which is made when it is first needed, and again when it broke: by one caller, for whom the others wait.</summary>
internal sealed class LiveConnection<T>(Func<CancellationToken, Task<T>> open) : IAsyncDisposable
    where T : class, IBreakable
{
    private readonly SemaphoreSlim _opening = new(1);
    private T? _connection;

    public async ValueTask<T> Get(CancellationToken cancellation)
    {
        if (_connection is { IsBroken: false } connection)
        {
            return connection;
        }

        await _opening.WaitAsync(cancellation);
        try
        {
            if (_connection is { IsBroken: false } other)
            {
                return other;
            }

            if (_connection is { } broken)
            {
                await broken.DisposeAsync();
            }

            return _connection = await open(cancellation);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }

        _opening.Dispose();
    }
}
