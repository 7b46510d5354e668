namespace Fury.Xds.Framing;

/// <summary>The bounds of one stream.</summary>
public sealed record GrpcLimits
{
    public static GrpcLimits Default { get; } = new();

    /// <summary>The largest message that is read, in bytes; of a larger one no more than its length is looked at. gRPC's own default.</summary>
    public int ReadBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How long the other side may take to make room for one message, or for the end of the stream. What fits into the buffers and windows
    /// between the two is written at once, so a reader that has stopped is noticed when these are full.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
