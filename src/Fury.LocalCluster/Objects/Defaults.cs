using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a server fills in where a caller says nothing, in place. Running it again changes nothing.</summary>
internal static class Defaults
{
    private const string NotReadyTaint = "node.kubernetes.io/not-ready";
    private const int LostNodeTolerationSeconds = 300;

    /// <param name="version">Of the cluster; it decides what is not known to it and dropped.</param>
    public static void Fill(Kind kind, JsonObject value, ClusterVersion version)
    {
        var spec = value.Child("spec");
        switch (kind.Name)
        {
            case "Namespace":
                if (value.Node("metadata", "deletionTimestamp") is null)
                {
                    spec.Default("finalizers", new JsonArray("kubernetes"));
                }

                value.Child("status").Default("phase", "Active");
                value.Child("metadata").Child("labels")["kubernetes.io/metadata.name"] = value.Text("metadata", "name");
                break;
            case "Pod":
                Pod(spec);
                Tolerate(spec, NotReadyTaint);
                Tolerate(spec, NodeLifecycle.Unreachable);
                value.Child("status").Default("phase", "Pending");
                value.Child("status").Default("qosClass", QosClass(spec));
                break;
            case "Service":
                Service(spec);
                break;
            case "Secret":
                Secret(value);
                break;
            case "ReplicaSet":
                spec.Default("replicas", 1);
                Template(spec);
                value.Child("status").Default("replicas", 0);
                break;
            case "Deployment":
                Deployment(spec);
                break;
            case "Job":
                Job(spec);
                break;
            case "CronJob":
                CronJob(spec, version);
                break;
            case "HorizontalPodAutoscaler":
                Autoscaler(spec);
                break;
            case "DaemonSet":
                spec.Default("revisionHistoryLimit", 10);
                Template(spec);
                break;
            case "ValidatingWebhookConfiguration" or "MutatingWebhookConfiguration":
                foreach (var webhook in (value.Array("webhooks") ?? []).OfType<JsonObject>())
                {
                    webhook.Default("failurePolicy", "Fail");
                }

                break;
            default:
                break;
        }

        if (spec.Count == 0)
        {
            value.Remove("spec");
        }
    }

    public static void Pod(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("schedulerName", "default-scheduler");
        spec.Default("serviceAccountName", "default");
        spec.Default("terminationGracePeriodSeconds", 30);
        foreach (var container in Containers(spec))
        {
            Container(container);
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        (spec.Array("initContainers") ?? []).Concat(spec.Array("containers") ?? []).OfType<JsonObject>();

    private static void Container(JsonObject container)
    {
        var image = container.Text("image") ?? "";
        var tag = image[(image.LastIndexOf('/') + 1)..];
        container.Default("imagePullPolicy", !tag.Contains(':') || tag.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent");
        foreach (var port in (container.Array("ports") ?? []).OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
        }

        // What is limited and not asked for is asked for as limited.
        foreach (var (name, limit) in container.Object("resources", "limits") ?? [])
        {
            container.Child("resources").Child("requests").Default(name, limit!.DeepClone());
        }

        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(probe) is { } given)
            {
                given.Default("timeoutSeconds", 1);
                given.Default("periodSeconds", 10);
                given.Default("successThreshold", 1);
                given.Default("failureThreshold", 3);
                if (given.Object("httpGet") is { } get)
                {
                    get.Default("scheme", "HTTP");
                    get.Default("path", "/");
                }
            }
        }
    }

    /// <summary>Every pod may stay for a while on a node that is lost, so that a short gap evicts nobody.</summary>
    private static void Tolerate(JsonObject spec, string taint)
    {
        var tolerations = spec.Array("tolerations") ?? [];
        if (tolerations.Any(given => (given.Text("key") == taint || given.Node("key") is null) && given.Text("effect") is null or "NoExecute"))
        {
            return;
        }

        tolerations.Add(new JsonObject
        {
            ["key"] = taint,
            ["operator"] = "Exists",
            ["effect"] = "NoExecute",
            ["tolerationSeconds"] = LostNodeTolerationSeconds,
        });
        if (tolerations.Parent is null)
        {
            spec["tolerations"] = tolerations;
        }
    }

    private static string QosClass(JsonObject spec)
    {
        var containers = Containers(spec).ToList();
        var resources = containers.Select(container => container.Object("resources")).ToList();
        if (resources.All(given => given.Object("requests") is null or { Count: 0 } && given.Object("limits") is null or { Count: 0 }))
        {
            return "BestEffort";
        }

        return resources.All(given => ((string[])["cpu", "memory"]).All(name =>
            given.Node("limits", name) is { } limit && Quantity.Of(limit) == Quantity.Of(given.Node("requests", name))))
            ? "Guaranteed"
            : "Burstable";
    }

    private static void Template(JsonObject spec)
    {
        if (spec.Object("template") is { } template)
        {
            Pod(template.Child("spec"));
        }
    }

    private static void Service(JsonObject spec)
    {
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        foreach (var port in (spec.Array("ports") ?? []).OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            if (port["port"] is { } number)
            {
                port.Default("targetPort", number.DeepClone());
            }
        }
    }

    private static void Secret(JsonObject value)
    {
        value.Default("type", "Opaque");
        foreach (var (name, text) in value.Object("stringData") ?? [])
        {
            value.Child("data")[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text.Text() ?? ""));
        }

        value.Remove("stringData");
    }

    private static void Deployment(JsonObject spec)
    {
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Child("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Child("rollingUpdate").Default("maxSurge", "25%");
            strategy.Child("rollingUpdate").Default("maxUnavailable", "25%");
        }

        Template(spec);
    }

    private static void Job(JsonObject spec)
    {
        // Without completions, parallelism alone makes a work queue; without both, one pod is one job.
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        Template(spec);
    }

    private static void CronJob(JsonObject spec, ClusterVersion version)
    {
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        if (!version.HasTimeZones)
        {
            spec.Remove("timeZone");
        }
    }

    private static void Autoscaler(JsonObject spec)
    {
        spec.Default("minReplicas", 1);
        if (spec.Array("metrics") is null or { Count: 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 },
                },
            });
        }
    }
}
