using System.Globalization;
using System.Threading.RateLimiting;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Host;

/// <summary>How often one caller may ask one host. Settings: <c>Fury:Limits:PerSecond</c> and <c>Fury:Limits:Burst</c>.</summary>
/// <param name="PerSecond">In the long run.</param>
/// <param name="Burst">At once, after a rest.</param>
internal sealed record RateLimitSettings(int PerSecond, int Burst)
{
    /// <summary>What is given back at once; about ten times a second.</summary>
    public int PerStep => Math.Max(1, PerSecond / 10);

    /// <exception cref="BadSettings">One of them is less than 1.</exception>
    public static RateLimitSettings Read(IConfiguration settings)
    {
        var limits = new RateLimitSettings(settings.GetValue("Fury:Limits:PerSecond", 100), settings.GetValue("Fury:Limits:Burst", 300));
        return limits is { PerSecond: >= 1, Burst: >= 1 } ? limits : throw new BadSettings("Fury:Limits:PerSecond and Fury:Limits:Burst must be 1 or more.");
    }
}

/// <summary>
/// A bucket of requests for each token and person, and for each address of those who have not said who they are. Whoever has set the host up has no limit,
/// nor have instances and agents, which the platform itself has asked to call.
/// </summary>
internal sealed class RateLimits(RequestDelegate next, RateLimitSettings settings) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => KeyOf(context) is { } key
        ? RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
        {
            TokenLimit = settings.Burst,
            TokensPerPeriod = settings.PerStep,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)settings.PerStep / settings.PerSecond),
            QueueLimit = 0,
            AutoReplenishment = false,
        })
        : RateLimitPartition.GetNoLimiter(""));

    public async Task Invoke(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context);
        if (KeyOf(context) is null)
        {
            await next(context);
            return;
        }

        var left = _limiter.GetStatistics(context)?.CurrentAvailablePermits ?? 0;
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = settings.Burst.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = Math.Ceiling((settings.Burst - left) / (double)settings.PerSecond).ToString(CultureInfo.InvariantCulture);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        headers.RetryAfter = "1";
        await Problems.Write(context, new(
            FaultKind.Throttled, $"More than {settings.PerSecond} requests a second, after {settings.Burst} at once. Try again in a second."));
    }

    public void Dispose() => _limiter.Dispose();

    private static string? KeyOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IDeclaresAccess>() switch
    {
        WorkloadOnlyAttribute or AgentSignedAttribute => null,
        _ => context.FindCaller() switch
        {
            { Kind: CallerKind.Local or CallerKind.Bootstrap } => null,
            { } caller => $"{caller.Kind}:{caller.Name}",
            null when context.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal) => null,
            null => $"address:{Addresses.SourceOf(context.Connection.RemoteIpAddress)}",
        },
    };
}
