using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Feed;

namespace Fury.Mesh.Tests;

/// <summary>A proxy without a data path: applies what it is told when the test says so, and keeps what it has applied.</summary>
internal sealed class TestProxy(RoutingFeed feed, string name) : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private IAsyncEnumerator<RoutingUpdate>? _updates;
    private Task<bool>? _next;

    public string Name => name;

    public Dictionary<ScopeRef, ScopeRoutes> Routes { get; } = [];

    public List<RoutingUpdate> Seen { get; } = [];

    public long Version => Seen.Count == 0 ? -1 : Seen[^1].Version;

    /// <summary>Connects and reads the first update, without acknowledging it.</summary>
    public async Task<TestProxy> Connect()
    {
        _updates = feed.Subscribe(name, _leaving.Token).GetAsyncEnumerator(_leaving.Token);
        await Read();
        return this;
    }

    /// <summary>Waits for the next update and takes it in.</summary>
    public async Task<RoutingUpdate> Read()
    {
        _next ??= _updates!.MoveNextAsync().AsTask();
        Assert.True(await _next.WaitAsync(TimeSpan.FromSeconds(20)));
        _next = null;
        var update = _updates!.Current;
        Seen.Add(update);
        if (update.Whole)
        {
            Routes.Clear();
        }

        foreach (var scope in update.Scopes)
        {
            Routes[scope.Scope] = scope;
        }

        return update;
    }

    public async Task ReadTo(long version)
    {
        while (Version < version)
        {
            await Read();
        }
    }

    public async Task Acknowledge() => await feed.Applied(name, Version, CancellationToken.None);

    public async Task Report(params PoolTraffic[] traffic) => await feed.Report(name, traffic, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        if (_next is not null)
        {
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_updates is not null)
        {
            await _updates.DisposeAsync();
        }

        _leaving.Dispose();
    }
}
