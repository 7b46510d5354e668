using System.Globalization;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Clusters;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>From a neutral template to a pod's. The same in all supported versions. Pure.</summary>
internal static class PodTemplate
{
    public const string Container = "app";

    private const string ZoneKey = "topology.kubernetes.io/zone";
    private const int ProbePeriodSeconds = 2;
    private const int ProbeTimeoutSeconds = 2;
    private const int ProbeFailuresMax = 2;

    /// <param name="selector">The label by which replicas of the same workload are known, for spreading.</param>
    public static JsonObject Of(ReplicaTemplate template, JsonObject labels, (string Name, string Value) selector, string restart)
    {
        var spec = new JsonObject
        {
            ["restartPolicy"] = restart,
            ["terminationGracePeriodSeconds"] = (long)Math.Ceiling(template.Grace.TotalSeconds),
            ["enableServiceLinks"] = false,
            // An application of Fury's has no business with the cluster's API.
            ["automountServiceAccountToken"] = false,
            ["containers"] = new JsonArray(OfContainer(template)),
        };
        if (template.Spread != ZoneSpread.Any)
        {
            spec["topologySpreadConstraints"] = new JsonArray(new JsonObject
            {
                ["maxSkew"] = 1,
                ["topologyKey"] = ZoneKey,
                ["whenUnsatisfiable"] = template.Spread == ZoneSpread.Required ? "DoNotSchedule" : "ScheduleAnyway",
                ["labelSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [selector.Name] = selector.Value } },
            });
        }

        if (Requires(template) is { Count: > 0 } requires)
        {
            spec["nodeSelector"] = requires.ToSortedJson();
        }

        if (template.Tolerates is { Count: > 0 } tolerates)
        {
            spec["tolerations"] = new JsonArray([.. tolerates.Select(key => new JsonObject { ["key"] = key, ["operator"] = "Exists" })]);
        }

        return new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels }, ["spec"] = spec };
    }

    /// <summary>A program that is made for one kind of machine goes to such nodes alone.</summary>
    private static Dictionary<string, string> Requires(ReplicaTemplate template)
    {
        var requires = new Dictionary<string, string>(template.Requires ?? new Dictionary<string, string>());
        if (template.Artifact.Architectures is [var only])
        {
            requires["kubernetes.io/arch"] = Word.Of(only);
        }

        return requires;
    }

    private static JsonObject OfContainer(ReplicaTemplate template)
    {
        var container = new JsonObject
        {
            ["name"] = Container,
            ["image"] = Image(template.Artifact.Uri),
            ["imagePullPolicy"] = "IfNotPresent", // Artifacts never change.
            ["env"] = Environment(template),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["containerPort"] = template.Port, ["protocol"] = "TCP" }),
            ["resources"] = Resources(template),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
        };
        if (template.Artifact.Command.Length > 0)
        {
            container["command"] = new JsonArray(template.Artifact.Command);
        }

        if (template.Artifact.Arguments.Count > 0)
        {
            container["args"] = new JsonArray([.. template.Artifact.Arguments.Select(argument => JsonValue.Create(argument))]);
        }

        if (template.HealthPath is { } path)
        {
            container["readinessProbe"] = new JsonObject
            {
                ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = template.Port, ["scheme"] = "HTTP" },
                ["periodSeconds"] = ProbePeriodSeconds,
                ["timeoutSeconds"] = ProbeTimeoutSeconds,
                ["failureThreshold"] = ProbeFailuresMax,
                ["successThreshold"] = 1,
            };
        }

        return container;
    }

    /// <summary>A folder stays what it is: only a cluster of plain processes can run it, and any other says that it cannot be fetched.</summary>
    private static string Image(string uri) =>
        uri.StartsWith(WorkloadRules.ImageScheme, StringComparison.Ordinal) ? uri[WorkloadRules.ImageScheme.Length..] : uri;

    private static JsonArray Environment(ReplicaTemplate template) => new(
    [
        .. template.Environment
            .Append(KeyValuePair.Create("PORT", template.Port.ToString(CultureInfo.InvariantCulture)))
            .Select(variable => new JsonObject { ["name"] = variable.Key, ["value"] = Literal(variable.Value) })
            .Append(Own("FURY_INSTANCE_ID", "metadata.uid"))
            .OrderBy(variable => (string)variable["name"]!, StringComparer.Ordinal),
    ]);

    /// <summary>What only the pod itself is known by; its uid is its replica's id everywhere.</summary>
    private static JsonObject Own(string name, string path) =>
        new() { ["name"] = name, ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } } };

    /// <summary>The cluster would put another variable in for <c>$(NAME)</c>; <c>$$</c> says that it is meant as it stands.</summary>
    private static string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);

    /// <summary>Memory is bounded, since what runs over takes others down; CPU is not, since what is left over is lost otherwise.</summary>
    private static JsonObject Resources(ReplicaTemplate template) => new()
    {
        ["requests"] = new JsonObject { ["cpu"] = $"{template.Size.CpuMillis}m", ["memory"] = $"{template.Size.MemoryMiB}Mi" },
        ["limits"] = new JsonObject { ["memory"] = $"{template.Size.MemoryMiB}Mi" },
    };
}
