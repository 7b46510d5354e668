using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>A resource as a proxy has it, against what it should have.</summary>
/// <param name="Has">The version that it last acknowledged; null for none.</param>
/// <param name="Should">The version that there is; null for none.</param>
/// <param name="Sent">The version that it was last sent; null for none.</param>
/// <param name="Rejected">Its own words, when it has refused what there is.</param>
internal sealed record ResourceDiff(string Type, string Name, string? Has, string? Should, string? Sent, string? Rejected)
{
    public bool IsSame => Has == Should;

    /// <summary>Everything that the client of a stream has or has asked for, by type and name.</summary>
    public static IReadOnlyList<ResourceDiff> Of(XdsStream stream)
    {
        lock (stream.Session.Gate)
        {
            return
            [
                .. from type in stream.Session.Types
                   from entry in type.All()
                   orderby type.Type, entry.Name
                   let now = stream.View.Find(type.Type, entry.Name)
                   select new ResourceDiff(
                       $"{type.Type}".ToLowerInvariant(),
                       entry.Name,
                       Version(entry.Held.Acked),
                       type.Covers(entry.Name) ? Version(now) : null,
                       Version(entry.Held.Sent),
                       now is null ? null : type.RejectionOf(now)?.Error),
            ];
        }
    }

    private static string? Version(XdsResource? resource) => resource is null or { Hash: 0 } ? null : resource.Version;
}
