namespace Fury.LocalCluster;

/// <summary>How objects are shown to the caller.</summary>
internal enum Shape
{
    Whole,

    /// <summary>A row for each, with the columns that a person wants to see.</summary>
    Table,

    /// <summary>Nothing but their metadata.</summary>
    Metadata,
}

/// <summary>What the caller accepts.</summary>
internal static class Accepted
{
    public static Shape Of(string accept)
    {
        if (accept.Length == 0)
        {
            return Shape.Whole;
        }

        foreach (var range in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
            {
                continue;
            }

            var shape = parts.FirstOrDefault(part => part.StartsWith("as=", StringComparison.Ordinal))?[3..];
            if (shape is null)
            {
                return Shape.Whole;
            }

            if (!parts.Contains("g=meta.k8s.io") || !parts.Contains("v=v1"))
            {
                continue;
            }

            switch (shape)
            {
                case "Table":
                    return Shape.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList":
                    return Shape.Metadata;
                default:
                    continue;
            }
        }

        throw Refusal.NotAcceptable();
    }
}
