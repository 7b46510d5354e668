namespace Fury.Xds.Framing;

/// <summary>What the failures of HTTP/2 mean in gRPC's words.</summary>
internal static class TransportFailure
{
    // RFC 9113 §7.
    public const int NoError = 0x0;
    public const int RefusedStream = 0x7;
    public const int Cancel = 0x8;
    public const int EnhanceYourCalm = 0xb;
    public const int InadequateSecurity = 0xc;

    /// <summary>The connection or the stream is gone, or somebody has stopped waiting for it.</summary>
    public static bool Is(Exception failure) => failure is IOException or HttpRequestException or OperationCanceledException;

    /// <summary>A client's reading. A reset is told by its code, as gRPC's protocol says; all else is a server that cannot be reached.</summary>
    public static GrpcException Of(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
            {
                return new(OfReset(protocol.ErrorCode), $"The server has ended the stream: {protocol.Message}", failure);
            }
        }

        // Of connecting in vain for too long, too, HttpClient says that it was cancelled.
        return new(GrpcStatus.Unavailable, failure.Message, failure);
    }

    private static GrpcStatus OfReset(long errorCode) => errorCode switch
    {
        // A connection that was closed in good order with streams on it: the server goes away, and another may be asked.
        NoError or RefusedStream => GrpcStatus.Unavailable,
        Cancel => GrpcStatus.Cancelled,
        EnhanceYourCalm => GrpcStatus.ResourceExhausted,
        InadequateSecurity => GrpcStatus.PermissionDenied,
        _ => GrpcStatus.Internal,
    };
}
