using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;

namespace Fury.Sidecar.Forwarding;

/// <summary>The way of one request: find its scope, choose an endpoint, forward, count, and try elsewhere where that is harmless.</summary>
internal sealed class RequestForwarder(
    LiveRoutes routes, IRoutingFeed feed, Holds holds, Attempts attempts, Mirroring mirroring, TimeProvider clock, Random random)
{
    private static readonly List<EndpointSlot> NoneTried = [];

    /// <summary>A scope's use is noted to this grain.</summary>
    private readonly long _useGrain = clock.TimestampFrequency;

    public async Task Forward(HttpContext context)
    {
        var arrived = clock.GetTimestamp();
        RequestBody body;
        try
        {
            body = await RequestBody.Take(context);
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException)
        {
            // The client did not finish its small body: there is nobody to answer, and no pool has seen the request.
            context.Abort();
            return;
        }

        var host = context.Request.Host.Host;
        var scope = routes.Find(host) ?? await FindElsewhere(context, host);
        if (scope is null)
        {
            return;
        }

        scope.Use?.Note(arrived, _useGrain);
        if (scope.Rules.Mirror is { } mirror)
        {
            await mirroring.Mirror(context, mirror);
        }

        using var deadline = scope.Rules.Timeout is { } timeout ? Until(timeout - clock.GetElapsedTime(arrived)) : null;
        var wish = Wish.Of(context.Request, scope.Rules, random);
        using var stay = scope.Rules.Holds ? new Stay(holds, clock, context, body, deadline?.Token ?? default) : null;
        await Forward(context, body, scope.Rules, wish, stay, deadline?.Token ?? default);
    }

    private async Task Forward(HttpContext context, RequestBody body, TrafficRules rules, Wish wish, Stay? stay, CancellationToken deadline)
    {
        var host = context.Request.Host.Host;
        var attemptsMax = Endings.AttemptsMaxOf(rules.Retries);
        List<EndpointSlot>? tried = null;
        var (last, attemptsInPool, result) = (default(PoolSlot), 0, default(Result));
        while (true)
        {
            var moveOn = attemptsInPool >= Endings.AttemptsPerPoolMax;
            var way = routes.TryEnter(host, wish, tried ?? NoneTried, moveOn ? null : last, moveOn ? last : null, out var scope);
            if (way is not { } choice)
            {
                if (scope is null && wish.Pool is not null)
                {
                    wish = wish with { Pool = null }; // The pool that it has chosen is not there (any more); the usual way is.
                    continue;
                }

                if ((stay?.MayBe(scope) == true ? await stay.Wait(scope!) : NoWay(context, scope)) is { } refusal)
                {
                    await GiveUp(context, refusal, last, result);
                    return;
                }

                continue;
            }

            stay?.Dispose();
            var isRetry = tried is not null;
            if (!choice.Pool.TryTake(isRetry))
            {
                LiveRoutes.Leave(choice);
                await GiveUp(context, Refusal.Overloaded(host), last, result);
                return;
            }

            bool again;
            try
            {
                if (isRetry)
                {
                    SidecarMetrics.Retries.Add(1);
                    context.Response.Clear();
                }

                wish.Remember(context.Response, rules);
                body.Rewind(context);
                result = await attempts.Make(context, choice, rules.Retries?.PerTryTimeout, deadline);
                var made = (tried?.Count ?? 0) + 1;
                again = made < attemptsMax
                    && Endings.MayRetry(result.Ending, context.Request.Method, body.CanReplay, context.Response.HasStarted, made);
                if (!again)
                {
                    Count(context, choice.Pool.Slot, result);
                }
            }
            finally
            {
                choice.Pool.Done(isRetry);
                LiveRoutes.Leave(choice);
            }

            if (!again)
            {
                await Finish(context, result);
                return;
            }

            (tried ??= []).Add(choice.Endpoint);
            attemptsInPool = choice.Pool.Slot == last ? attemptsInPool + 1 : 1;
            last = choice.Pool.Slot;
        }
    }

    /// <summary>A host that the model does not know may be known to the control plane. Null when the request is answered: it is not, or nobody says.</summary>
    private async ValueTask<RoutedScope?> FindElsewhere(HttpContext context, string host)
    {
        HostAnswer answer;
        try
        {
            answer = await feed.Find(host, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return null; // The client has left.
        }

        var scope = answer == HostAnswer.Routed ? routes.Find(host) : null;
        if (scope is null)
        {
            SidecarMetrics.Unrouted.Add(1);
            await (answer == HostAnswer.NoAnswer ? Refusal.NotLoaded : Refusal.UnknownHost(host)).Write(context);
        }

        return scope;
    }

    private CancellationTokenSource Until(TimeSpan left) => new(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);

    /// <summary>
    /// The last attempt was made: what has not been answered is answered by the sidecar, if the client can still hear it.
    /// </summary>
    private static Task Finish(HttpContext context, Result result) =>
        result.Ending == Ending.Answered || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
            ? Task.CompletedTask
            : Refusal.After(result.Ending, context.Request.Host.Host).Write(context);

    /// <summary>Nothing more is tried: the last attempt tells how it went, and without one the refusal does.</summary>
    private static Task GiveUp(HttpContext context, Refusal refusal, PoolSlot? last, Result result)
    {
        if (last is not null)
        {
            Count(context, last, result);
            return Finish(context, result);
        }

        SidecarMetrics.Unrouted.Add(1);
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : refusal.Write(context);
    }

    private static Refusal NoWay(HttpContext context, RoutedScope? scope) => scope switch
    {
        null => Refusal.UnknownHost(context.Request.Host.Host),
        { Pools.Length: 0 } => Refusal.NoPool(scope.Scope),
        _ => Refusal.NoEndpoint(scope.Scope),
    };

    private static void Count(HttpContext context, PoolSlot pool, Result result)
    {
        var status = context.Response.StatusCode;
        pool.Count(result.Ending, Endings.IsError(result.Ending, status), Endings.LatencyOf(result.Taken, status));
        SidecarMetrics.Requests.Add(1);
        if (Endings.IsFailure(result.Ending))
        {
            SidecarMetrics.Failures.Add(1);
        }
    }
}
