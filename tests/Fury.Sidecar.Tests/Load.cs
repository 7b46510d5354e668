using System.Collections.Concurrent;
using System.Net;
using Fury.Testing;

namespace Fury.Sidecar.Tests;

/// <summary>Closed-loop clients that note every answer that is no 200.</summary>
internal sealed class Load : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _clients;
    private int _sent;

    public Load(World world, int clients) =>
        _clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => Run(world)))];

    public ConcurrentBag<string> Failures { get; } = [];

    public Task More(int requests)
    {
        var until = Volatile.Read(ref _sent) + requests;
        return Eventually.True(() => Volatile.Read(ref _sent) >= until);
    }

    public async Task<int> Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        return _sent;
    }

    public void Dispose() => _stop.Dispose();

    private async Task Run(World world)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var response = await world.Get();
                await response.Content.ReadAsStringAsync();
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    Failures.Add($"{(int)response.StatusCode}");
                }
            }
            catch (HttpRequestException failure)
            {
                Failures.Add(failure.Message);
            }

            Interlocked.Increment(ref _sent);
        }
    }
}
