namespace Fury.Mesh.Xds;

/// <summary>One thing that is sent: a resource, or <see cref="XdsResource.None"/> when there is none of that name (any more).</summary>
internal readonly record struct Item(string Name, XdsResource Resource);

/// <summary>What a client has of a resource.</summary>
/// <param name="Sent">Last sent; null when never.</param>
/// <param name="Acked">Last acknowledged; null when never.</param>
/// <param name="AckedAt">Timestamp of the clock.</param>
internal readonly record struct Held(XdsResource? Sent, XdsResource? Acked, long AckedAt);
