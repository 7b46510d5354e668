namespace Fury.Xds.Framing;

/// <summary>
/// Why a stream has ended or cannot go on: the other side's word, or what its bytes or the network deserve. The one exception of both kinds
/// of streams; the stream is of no use after it, but to be finished (server) or disposed of (client).
/// </summary>
/// <param name="status">Never <see cref="GrpcStatus.Ok"/>.</param>
/// <param name="message">One sentence, which a server may give to its client.</param>
public sealed class GrpcException(GrpcStatus status, string message, Exception? inner = null) : Exception(message, inner)
{
    public GrpcStatus Status { get; } = status;

    public override string ToString() => $"{Status}: {base.ToString()}";
}
