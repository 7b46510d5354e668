using System.Net;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>A request of an <see cref="OwnProxy"/> that was not answered well.</summary>
internal sealed record LostRequest(DateTimeOffset SentAt, DateTimeOffset EndedAt, PoolId? Pool, string Why);

/// <summary>Routes that it was told of, and when it has taken them into use and said so.</summary>
internal sealed record AppliedRoutes(string Proxy, IReadOnlyList<PoolWeight> Pools, DateTimeOffset At);

/// <summary>
/// A client with a data path of its own, over the real xDS port of a host: it sends each request to a replica of the routes that it goes by.
/// When it takes new routes into use, or with which words it refuses them, is the test's to say.
/// </summary>
internal sealed partial class OwnProxy(Uri server, string name, ScopeRef scope, int seed) : IAsyncDisposable
{
    private const int Workers = 2;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _upstream = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    private readonly Random _chance = new(seed);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _leaving = new();
    private readonly Dictionary<PoolId, IReadOnlyList<Uri>> _endpoints = [];
    private readonly Dictionary<PoolId, Load> _loads = [];
    private readonly List<LostRequest> _lost = [];
    private readonly List<AppliedRoutes> _applied = [];
    private readonly Dictionary<string, long> _answers = [];
    private IReadOnlyList<PoolWeight> _routes = [];
    private Task _sending = Task.CompletedTask;

    public string Name => name;

    /// <summary>Asked before new routes are taken into use: words refuse them. Null for a proxy that is as it should be.</summary>
    public Func<IReadOnlyList<PoolWeight>, Task<string?>>? OnRoutes { get; set; }

    public IReadOnlyList<LostRequest> Lost => Read(() => _lost.ToList());

    public IReadOnlyList<AppliedRoutes> Applied => Read(() => _applied.ToList());

    /// <summary>How many requests each version has answered.</summary>
    public IReadOnlyDictionary<string, long> Answers => Read(() => _answers.ToDictionary());

    /// <summary>Connects, and sends once it has routes.</summary>
    public async Task<OwnProxy> Start()
    {
        await Connect();
        await Eventually.True(() => Read(() => Choose() is not null), because: $"{name} has routes");
        _sending = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => SendOnAndOn()));
        return this;
    }

    /// <summary>It ends, and does not come back; nobody has told the platform that.</summary>
    public async Task Leave()
    {
        await _leaving.CancelAsync();
        await _sending;
        await Disconnect();
    }

    public async ValueTask DisposeAsync()
    {
        await Leave();
        _upstream.Dispose();
        _http.Dispose();
        _writing.Dispose();
        _leaving.Dispose();
    }

    private async Task SendOnAndOn()
    {
        using var timer = new PeriodicTimer(Pace);
        while (!_leaving.IsCancellationRequested)
        {
            await Send();
            await Task.WhenAny(timer.WaitForNextTickAsync(_leaving.Token).AsTask());
        }
    }

    private async Task Send()
    {
        var (sentAt, chosen, slow) = (TimeProvider.System.GetUtcNow(), Begin(), 0);
        string? version = null;
        var why = "It knows no replica.";
        if (chosen is { } it)
        {
            lock (_gate)
            {
                slow = _chance.Next(50) == 0 ? 500 : 10;
            }

            try
            {
                using var answer = await _upstream.GetAsync(new Uri(it.Endpoint, $"/?latency={slow}"));
                version = answer.Headers.TryGetValues("x-version", out var values) ? values.Single() : null;
                why = answer.StatusCode == HttpStatusCode.OK && version is not null ? null : $"{(int)answer.StatusCode}";
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                why = $"{it.Endpoint}: {error.Message}";
            }
        }

        lock (_gate)
        {
            if (why is not null)
            {
                _lost.Add(new(sentAt, TimeProvider.System.GetUtcNow(), chosen?.Pool, why));
            }
            else
            {
                _answers[version!] = _answers.GetValueOrDefault(version!) + 1;
            }

            if (chosen is { } done)
            {
                _loads[done.Pool].End(why is null);
            }
        }
    }

    /// <summary>Chooses, and counts what it has chosen, as one: whoever takes other routes into use knows of every request that goes by the old ones.</summary>
    private (PoolId Pool, Uri Endpoint)? Begin()
    {
        lock (_gate)
        {
            if (Choose() is not { } chosen)
            {
                return null;
            }

            if (!_loads.TryGetValue(chosen.Pool, out var load))
            {
                _loads[chosen.Pool] = load = new();
            }

            load.Begin();
            return chosen;
        }
    }

    private (PoolId Pool, Uri Endpoint)? Choose()
    {
        var left = 100 * (decimal)_chance.NextDouble();
        foreach (var (pool, weight) in _routes)
        {
            left -= weight;
            if (left < 0)
            {
                return _endpoints.GetValueOrDefault(pool) is [_, ..] endpoints ? (pool, endpoints[_chance.Next(endpoints.Count)]) : null;
            }
        }

        return null;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    /// <summary>What it has sent to a pool since its last report. The proxy locks.</summary>
    private sealed class Load
    {
        public int InFlight { get; private set; }

        public int Issued { get; private set; }

        public int Succeeded { get; private set; }

        public int Failed { get; private set; }

        public void Begin() => (InFlight, Issued) = (InFlight + 1, Issued + 1);

        public void End(bool well) => (InFlight, Succeeded, Failed) = (InFlight - 1, Succeeded + (well ? 1 : 0), Failed + (well ? 0 : 1));

        public void Reported() => (Issued, Succeeded, Failed) = (0, 0, 0);
    }
}
