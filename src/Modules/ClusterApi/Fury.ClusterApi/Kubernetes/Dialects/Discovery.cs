using System.Globalization;
using System.Text.Json;
using Fury.ClusterApi.Kubernetes.Wire;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Dialects;

/// <summary>Asks a server what it is and what it serves.</summary>
internal sealed class Discovery(KubeClient client)
{
    public async Task<Outcome<Dialect>> Ask(CancellationToken cancellation)
    {
        var version = (await client.Call(KubeCall.GetPath("/version", "version"), cancellation)).Then(ReadVersion);
        var groups = await version.Then(_ => client.Call(KubeCall.GetPath("/apis", "apis"), cancellation));
        if (!groups.IsOk)
        {
            return groups.Fault;
        }

        var served = new HashSet<(string Version, string Plural)>();
        foreach (var candidate in DialectChoice.Candidates.Intersect(ReadGroups(groups.Value)))
        {
            var resources = await client.Call(KubeCall.GetPath($"/apis/{candidate}", candidate), cancellation);
            if (resources.IsOk)
            {
                served.UnionWith(resources.Value.Items("resources").Select(resource => (candidate, resource.Text("name") ?? "")));
            }
            else if (resources.Fault.Kind != FaultKind.NotFound)
            {
                // One that went between the two questions is not served; any other refusal says nothing about it.
                return resources.Fault;
            }
        }

        return DialectChoice.Choose(version.Value, resource => served.Contains((resource.Version, resource.Plural)));
    }

    /// <summary>Providers append to the numbers: <c>"minor": "27+"</c>.</summary>
    public static Outcome<ServerVersion> ReadVersion(JsonElement answer)
    {
        var text = answer.Text("gitVersion") ?? "an unknown version";
        return Number(answer.Text("major")) is { } major && Number(answer.Text("minor")) is { } minor
            ? new ServerVersion(major, minor, text)
            : Fault.Conflict($"The cluster does not say which version it runs ({text}).");
    }

    public static IEnumerable<string> ReadGroups(JsonElement answer) =>
        from grouped in answer.Items("groups")
        from version in grouped.Items("versions")
        let name = version.Text("groupVersion")
        where name is not null
        select name;

    private static int? Number(string? text) => int.TryParse(
        new string([.. (text ?? "").TakeWhile(char.IsAsciiDigit)]), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
