using Fury.Xds.Framing;
using Google.Protobuf;

namespace Fury.Mesh.Xds;

/// <summary>A stream says who it is and what it wants, or ends: one that is silent holds room that others are refused.</summary>
internal static class FirstRequest
{
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>Null when the client has nothing to say.</summary>
    /// <exception cref="GrpcException"><see cref="GrpcStatus.DeadlineExceeded"/>: it has said nothing in time.</exception>
    public static async Task<T?> Read<T>(GrpcServerStream wire, TimeProvider clock, CancellationToken cancellation)
        where T : class, IMessage<T>, new()
    {
        using var late = new CancellationTokenSource(Within, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await wire.Read<T>(over.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatus.DeadlineExceeded, $"No request has come within {Within.TotalSeconds} s.");
        }
    }
}
