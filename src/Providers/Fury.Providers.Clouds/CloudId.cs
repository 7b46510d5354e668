namespace Fury.Providers.Clouds;

/// <summary>An instance's id: its region and the cloud's own name for it there.</summary>
internal sealed record CloudId(string Region, string Own)
{
    /// <summary>Null for what no cloud has named.</summary>
    public static CloudId? Parse(string id) => id.IndexOf('/') is > 0 and var slash ? new(id[..slash], id[(slash + 1)..]) : null;

    public override string ToString() => $"{Region}/{Own}";
}
