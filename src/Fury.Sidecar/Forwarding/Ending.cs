using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Forwarding;

/// <summary>How an attempt ended.</summary>
internal enum Ending
{
    /// <summary>The pool answered, whatever the status.</summary>
    Answered,

    /// <summary>The client went away or sent a broken request: no fault of the pool.</summary>
    ClientLeft,

    /// <summary>No byte of the request left this machine: the connection could not be made.</summary>
    NotSent,

    /// <summary>The connection broke after the request may have been sent.</summary>
    Broken,

    /// <summary>Nothing moved in either direction for the activity timeout, or the request's time was up.</summary>
    TimedOut,

    /// <summary>The attempt took longer than the rules give to one; the request still has time.</summary>
    TryTimedOut,
}

/// <summary>What a failed attempt means, and whether it may be made again. Pure.</summary>
internal static class Endings
{
    /// <summary>How often a request is tried in all.</summary>
    public const int AttemptsMax = 5;

    /// <summary>How many endpoints of one pool are tried before another pool is.</summary>
    public const int AttemptsPerPoolMax = 2;

    /// <summary>As the rules say, but never more than <see cref="AttemptsMax"/>.</summary>
    public static int AttemptsMaxOf(RetryRules? rules) => rules is null ? AttemptsMax : Math.Min(AttemptsMax, 1 + rules.RetriesMax);

    /// <summary>The request got no answer, and that is the pool's fault.</summary>
    public static bool IsFailure(Ending ending) => ending is not (Ending.Answered or Ending.ClientLeft);

    /// <summary>The pool's fault: it gave no answer, or one of 5xx.</summary>
    public static bool IsError(Ending ending, int status) =>
        IsFailure(ending) || (ending == Ending.Answered && status >= StatusCodes.Status500InternalServerError);

    /// <summary>An upgraded connection (WebSocket) lasts as long as its two ends like; that is no latency.</summary>
    public static TimeSpan? LatencyOf(TimeSpan taken, int status) => status == StatusCodes.Status101SwitchingProtocols ? null : taken;

    /// <summary>Somebody stopped waiting: the client, or one of the sidecar's own clocks.</summary>
    public static bool IsGivenUp(ForwarderError error) => error is
        ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled
        or ForwarderError.ResponseBodyCanceled or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled;

    public static Ending Of(ForwarderError error, Exception? cause, bool clientLeft) => error switch
    {
        ForwarderError.None or ForwarderError.UpgradeActivityTimeout => Ending.Answered,
        // YARP aborts the client's connection when the pool breaks its answer off, so this comes before asking whether the client left.
        ForwarderError.ResponseBodyDestination => Ending.Broken,
        _ when clientLeft => Ending.ClientLeft,
        ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient => Ending.ClientLeft,
        ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => Ending.ClientLeft,
        ForwarderError.RequestCreation => Ending.ClientLeft,
        _ when IsGivenUp(error) => Ending.TimedOut,
        ForwarderError.Request when IsConnectFailure(cause) => Ending.NotSent,
        _ => Ending.Broken,
    };

    /// <summary>
    /// A request that was not sent may be sent elsewhere, whatever its method. One that may have been sent is repeated only when HTTP says
    /// that repeating it is harmless (RFC 9110 §9.2.2); one whose attempt took too long may have been sent, too. Both only while nothing has
    /// reached the client and the body can be sent again.
    /// </summary>
    public static bool MayRetry(Ending ending, string method, bool canReplay, bool responseStarted, int attempts) =>
        attempts < AttemptsMax
        && canReplay
        && !responseStarted
        && (ending == Ending.NotSent || (ending is Ending.Broken or Ending.TryTimedOut && IsIdempotent(method)));

    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method)
        || HttpMethods.IsHead(method)
        || HttpMethods.IsOptions(method)
        || HttpMethods.IsTrace(method)
        || HttpMethods.IsPut(method)
        || HttpMethods.IsDelete(method);

    private static bool IsConnectFailure(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            if (cause is ConnectFailedException)
            {
                return true;
            }
        }

        return false;
    }
}
