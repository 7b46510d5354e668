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

    /// <summary>Nothing moved in either direction for the activity timeout.</summary>
    TimedOut,
}

/// <summary>What a failed attempt means, and whether it may be made again. Pure.</summary>
internal static class Endings
{
    /// <summary>How often a request is tried in all.</summary>
    public const int AttemptsMax = 5;

    /// <summary>How many endpoints of one pool are tried before another pool is.</summary>
    public const int AttemptsPerPoolMax = 2;

    public static Ending Of(ForwarderError error, Exception? cause, bool clientLeft) => error switch
    {
        ForwarderError.None or ForwarderError.UpgradeActivityTimeout => Ending.Answered,
        // YARP aborts the client's connection when the pool breaks its answer off, so this comes before asking whether the client left.
        ForwarderError.ResponseBodyDestination => Ending.Broken,
        _ when clientLeft => Ending.ClientLeft,
        ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient => Ending.ClientLeft,
        ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => Ending.ClientLeft,
        ForwarderError.RequestCreation => Ending.ClientLeft,
        ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled => Ending.TimedOut,
        ForwarderError.ResponseBodyCanceled => Ending.TimedOut,
        ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled => Ending.TimedOut,
        ForwarderError.Request when IsConnectFailure(cause) => Ending.NotSent,
        _ => Ending.Broken,
    };

    /// <summary>
    /// A request that was not sent may be sent elsewhere, whatever its method. One that may have been sent is repeated only when HTTP says
    /// that repeating it is harmless (RFC 9110 §9.2.2). Both only while nothing has reached the client and the body can be sent again.
    /// </summary>
    public static bool MayRetry(Ending ending, string method, bool canReplay, bool responseStarted, int attempts) =>
        attempts < AttemptsMax
        && canReplay
        && !responseStarted
        && (ending == Ending.NotSent || (ending == Ending.Broken && IsIdempotent(method)));

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
