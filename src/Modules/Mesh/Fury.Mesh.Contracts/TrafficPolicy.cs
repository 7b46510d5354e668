using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>
/// How proxies treat a scope's traffic, beside the weights of its table. Everything left out is off, or the proxy's default. Proxies that cannot
/// do a part leave that part out (proxyless gRPC knows no mirroring, for example); docs/mesh.md has the table.
/// </summary>
/// <param name="RequestTimeoutMs">From a request's arrival to the end of its answer; null for none, as streams have no end.</param>
/// <param name="Http2">Whether pools speak HTTP/2 in clear text (gRPC). Otherwise HTTP/1.1.</param>
/// <param name="Preview">
/// Whether a request may choose its pool itself, whatever the weights, by the header <c>x-fury-pool</c> or the cookie <c>fury-pool</c> with the
/// pool's id. Off unless wished, since it opens candidates to whoever can set a header.
/// </param>
public sealed record TrafficPolicy(
    int? RequestTimeoutMs = null,
    bool Http2 = false,
    bool Preview = false,
    RetryRules? Retries = null,
    Affinity? Affinity = null,
    Mirroring? Mirror = null,
    OutlierRules? Outliers = null,
    CircuitBreakers? CircuitBreakers = null)
{
    public static TrafficPolicy Default { get; } = new();
}

/// <summary>Retries by the proxy.</summary>
/// <param name="Attempts">Beyond the first, 0 to 5.</param>
/// <param name="BudgetPercent">Of the requests in flight, how many may be retries, 1 to 100; a few are always allowed.</param>
/// <param name="PerTryTimeoutMs">For each attempt; null for none.</param>
public sealed record RetryRules(int Attempts = 2, int BudgetPercent = 20, int? PerTryTimeoutMs = null);

/// <summary>Requests with the same value go to the same replica of a pool while it lives.</summary>
/// <param name="Header">The header whose value counts; null for the cookie.</param>
/// <param name="Cookie">The cookie whose value counts; the proxy sets it where a request has none.</param>
/// <param name="CookieTtlSeconds">How long clients keep a cookie that the proxy has set.</param>
public sealed record Affinity(string? Header = null, string? Cookie = null, int CookieTtlSeconds = 3600);

/// <summary>A share of the safe requests (GET, HEAD, OPTIONS) is sent to another pool as well, and its answers are thrown away.</summary>
/// <param name="Percent">1 to 100.</param>
public sealed record Mirroring(PoolId Pool, int Percent);

/// <summary>When a replica that answers with errors is left out for a while.</summary>
/// <param name="Consecutive5xx">Errors in a row.</param>
/// <param name="EjectionSeconds">The first time; longer each time after.</param>
/// <param name="MaxEjectionPercent">Of a pool's replicas, at most; at least one can always go.</param>
public sealed record OutlierRules(int Consecutive5xx = 5, int EjectionSeconds = 30, int MaxEjectionPercent = 50);

/// <summary>What each proxy lets through to one pool at the same time; more is refused at once with 503.</summary>
public sealed record CircuitBreakers(int MaxConnections = 1024, int MaxPendingRequests = 1024, int MaxRequests = 1024, int MaxRetries = 3);
