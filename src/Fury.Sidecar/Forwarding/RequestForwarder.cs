using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Forwarding;

/// <summary>The way of one request: choose an endpoint, forward, count, and try elsewhere where that is harmless.</summary>
internal sealed class RequestForwarder(LiveRoutes routes, IRoutingFeed feed, IHttpForwarder forwarder, Upstream upstream, TimeProvider clock)
{
    /// <summary>How long an endpoint that could not be connected to is not chosen while its pool has another.</summary>
    public static readonly TimeSpan SetAsideFor = TimeSpan.FromSeconds(2);

    private static readonly List<EndpointSlot> NoneTried = [];

    /// <summary>A scope's use is noted to this grain.</summary>
    private readonly long _useGrain = clock.TimestampFrequency;

    private readonly long _setAsideTicks = (long)(SetAsideFor.TotalSeconds * clock.TimestampFrequency);

    public async Task Forward(HttpContext context)
    {
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

        await Forward(context, body);
    }

    private async Task Forward(HttpContext context, RequestBody body)
    {
        var host = context.Request.Host.Host;
        List<EndpointSlot>? tried = null;
        HostAnswer? known = null;
        var (last, attemptsInPool, result) = (default(PoolSlot), 0, default(Result));
        while (true)
        {
            var moveOn = attemptsInPool >= Endings.AttemptsPerPoolMax;
            var way = routes.TryEnter(host, tried ?? NoneTried, moveOn ? null : last, moveOn ? last : null, out var scope);
            if (way is not { } choice)
            {
                if (scope is null && known is null && last is null && (known = await Find(context, host)) == HostAnswer.Routed)
                {
                    continue;
                }

                await GiveUp(context, scope, known, last, result);
                return;
            }

            scope!.Use?.Note(clock.GetTimestamp(), _useGrain);

            bool again;
            try
            {
                if (tried is not null)
                {
                    SidecarMetrics.Retries.Add(1);
                    context.Response.Clear();
                }

                body.Rewind(context);
                result = await Attempt(context, choice);
                var attempts = (tried?.Count ?? 0) + 1;
                again = Endings.MayRetry(result.Ending, context.Request.Method, body.CanReplay, context.Response.HasStarted, attempts);
                if (!again)
                {
                    Count(context, choice.Pool.Slot, result);
                }
            }
            finally
            {
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

    private async ValueTask<HostAnswer> Find(HttpContext context, string host)
    {
        try
        {
            return await feed.Find(host, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return HostAnswer.NoAnswer; // The client has left, and will not hear it.
        }
    }

    private async Task<Result> Attempt(HttpContext context, Choice choice)
    {
        var begun = clock.GetTimestamp();
        var error = await forwarder.SendAsync(
            context, choice.Endpoint.Prefix, upstream.Client, upstream.Config, choice.Pool.Slot.Transformer);
        var taken = clock.GetElapsedTime(begun);
        if (error == ForwarderError.None)
        {
            return new(Ending.Answered, taken);
        }

        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var ending = Endings.Of(error, cause, context.RequestAborted.IsCancellationRequested);
        if (ending == Ending.NotSent)
        {
            choice.Endpoint.SetAside(clock.GetTimestamp() + _setAsideTicks);
        }

        return new(ending, taken);
    }

    /// <summary>
    /// The last attempt was made: what has not been answered is answered by the sidecar, if the client can still hear it.
    /// </summary>
    private static Task Finish(HttpContext context, Result result) =>
        result.Ending == Ending.Answered || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
            ? Task.CompletedTask
            : Refusal.After(result.Ending, context.Request.Host.Host).Write(context);

    /// <summary>There is no endpoint (left) to try.</summary>
    private static Task GiveUp(HttpContext context, RoutedScope? scope, HostAnswer? known, PoolSlot? last, Result result)
    {
        if (last is not null)
        {
            Count(context, last, result);
            return Finish(context, result);
        }

        SidecarMetrics.Unrouted.Add(1);
        var refusal = scope switch
        {
            null when known != HostAnswer.Unknown => Refusal.NotLoaded,
            null => Refusal.UnknownHost(context.Request.Host.Host),
            { Pools.Length: 0 } => Refusal.NoPool(scope.Scope),
            _ => Refusal.NoEndpoint(scope.Scope),
        };
        return refusal.Write(context);
    }

    private static void Count(HttpContext context, PoolSlot pool, Result result)
    {
        var status = context.Response.StatusCode;

        // An upgraded connection (WebSocket) lasts as long as its two ends like; that is no latency.
        var latency = status == StatusCodes.Status101SwitchingProtocols ? default(TimeSpan?) : result.Taken;
        pool.Count(result.Ending, isError: result.Ending == Ending.Answered && status >= 500, latency);
        SidecarMetrics.Requests.Add(1);
        if (result.Ending is Ending.NotSent or Ending.Broken or Ending.TimedOut)
        {
            SidecarMetrics.Failures.Add(1);
        }
    }

    private readonly record struct Result(Ending Ending, TimeSpan Taken);
}
