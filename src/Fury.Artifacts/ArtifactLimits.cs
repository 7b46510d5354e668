namespace Fury.Artifacts;

/// <summary>How large one artifact may be.</summary>
/// <param name="BytesMax">All files together; setting <c>Catalog:ArtifactBytesMax</c>.</param>
/// <param name="EntriesMax">Files, folders and links together; setting <c>Catalog:ArtifactEntriesMax</c>.</param>
internal sealed record ArtifactLimits(long BytesMax, int EntriesMax)
{
    public static ArtifactLimits Default { get; } = new(2L << 30, 50_000);
}
