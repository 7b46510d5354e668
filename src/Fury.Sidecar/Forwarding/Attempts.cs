using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Forwarding;

/// <summary>How an attempt ended, and how long it took.</summary>
internal readonly record struct Result(Ending Ending, TimeSpan Taken);

/// <summary>One attempt at one endpoint, and what is learned of the endpoint from it.</summary>
internal sealed class Attempts(IHttpForwarder forwarder, Upstream upstream, TimeProvider clock)
{
    /// <summary>How long an endpoint that could not be connected to is not chosen while its pool has another.</summary>
    public static readonly TimeSpan SetAsideFor = TimeSpan.FromSeconds(2);

    private readonly long _setAsideTicks = (long)(SetAsideFor.TotalSeconds * clock.TimestampFrequency);

    /// <param name="perTry">How long this attempt may take.</param>
    /// <param name="deadline">Of the whole request.</param>
    public async Task<Result> Make(HttpContext context, Choice choice, TimeSpan? perTry, CancellationToken deadline)
    {
        using var patience = perTry is { } time ? new CancellationTokenSource(time, clock) : null;
        using var either = patience is null ? null : CancellationTokenSource.CreateLinkedTokenSource(patience.Token, deadline);
        var (begun, replica) = (clock.GetTimestamp(), choice.Endpoint.Replica);
        replica?.Begin();
        var error = await forwarder.SendAsync(
            context, choice.Endpoint.Prefix, upstream.Client, upstream.Config, choice.Pool.Slot.Transformer, either?.Token ?? deadline);
        var now = clock.GetTimestamp();
        var ending = EndingOf(context, error, patience?.Token ?? default, deadline);
        choice.Endpoint.Place.Count(ending);
        if (ending == Ending.NotSent)
        {
            choice.Endpoint.SetAside(now + _setAsideTicks);
        }

        var isError = Endings.IsError(ending, context.Response.StatusCode);
        replica?.End(isError, Endings.LatencyOf(clock.GetElapsedTime(begun, now), context.Response.StatusCode));
        if (ending != Ending.ClientLeft)
        {
            Outliers.Note(choice.Pool, choice.Endpoint, isError, now, clock.TimestampFrequency);
        }

        return new(ending, clock.GetElapsedTime(begun, now));
    }

    private static Ending EndingOf(HttpContext context, ForwarderError error, CancellationToken patience, CancellationToken deadline)
    {
        if (error == ForwarderError.None)
        {
            return Ending.Answered;
        }

        // These are asked first: giving an answer up that has begun aborts the client's connection, and that looks as if the client had left.
        if (Endings.IsGivenUp(error) && (deadline.IsCancellationRequested || patience.IsCancellationRequested))
        {
            return deadline.IsCancellationRequested ? Ending.TimedOut : Ending.TryTimedOut;
        }

        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        return Endings.Of(error, cause, context.RequestAborted.IsCancellationRequested);
    }
}
