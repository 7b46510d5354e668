using System.Globalization;
using System.Text.Json.Nodes;
using Cronos;

namespace Fury.LocalCluster;

/// <summary>What an object must be to be stored. All bad fields are told at once, with what was given and what would be right.</summary>
internal static class ObjectRules
{
    private static readonly string[] PolicyNames = ["Allow", "Forbid", "Replace"];

    /// <param name="before">What it replaces; null for a new object.</param>
    public static void Check(Kind kind, JsonObject value, JsonObject? before)
    {
        var name = value.Text("metadata", "name") ?? "";
        var causes = new Causes();
        Metadata(kind, value, name, causes);
        var spec = value.Object("spec");
        switch (kind.Name)
        {
            case "Pod":
                PodRules.Spec(spec, "spec", causes);
                if (before is not null)
                {
                    PodRules.Unchanged(spec, before.Object("spec"), causes);
                }

                break;
            case "ReplicaSet" or "Deployment" or "DaemonSet":
                causes.AtLeastZero(spec, "spec.replicas", "replicas");
                Selector(value, before, causes);
                PodRules.Template(spec, "spec.template", "Always", causes);
                break;
            case "Job":
                Job(spec, "spec", causes);
                causes.Immutable(spec, before.Object("spec"), "spec", "template", "selector", "completions");
                break;
            case "CronJob":
                CronJob(spec, causes);
                break;
            case "HorizontalPodAutoscaler":
                Autoscaler(spec, causes);
                break;
            case "PodDisruptionBudget":
                if (spec.Node("minAvailable") is not null && spec.Node("maxUnavailable") is not null)
                {
                    causes.Invalid("spec", "", "minAvailable and maxUnavailable cannot be both set");
                }

                break;
            case "Service":
                Service(spec, causes);
                break;
            case "EndpointSlice":
                causes.OneOf(value, "addressType", "addressType", ["IPv4", "IPv6", "FQDN"]);
                causes.Immutable(value, before, "", "addressType");
                break;
            case "ConfigMap" or "Secret" when before is not null && before.Flag("immutable") == true:
                causes.Immutable(value, before, "", "data", "binaryData", "immutable");
                break;
            default:
                break;
        }

        causes.ThrowIfAny(kind, name);
    }

    private static void Metadata(Kind kind, JsonObject value, string name, Causes causes)
    {
        if (name.Length == 0)
        {
            causes.Required("metadata.name", "name or generateName is required");
        }
        else if (kind == AllKinds.Namespaces || kind == AllKinds.Services ? !Names.IsLabelName(name) : !Names.IsName(name))
        {
            causes.Invalid(
                "metadata.name",
                name,
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
                + $"alphanumeric character, at most {Names.LengthMax} characters ({Names.LabelLengthMax}, without '.', for namespaces and services)");
        }

        foreach (var (key, label) in value.Object("metadata", "labels") ?? [])
        {
            if (!Names.IsLabelKey(key))
            {
                causes.Invalid("metadata.labels", key, "must be a name of at most 63 characters with an optional DNS prefix and '/'");
            }

            if (label.Text() is not { } text || !Names.IsLabelValue(text))
            {
                causes.Invalid("metadata.labels", label.Scalar(), "must be a text of at most 63 alphanumeric characters, '-', '_' or '.'");
            }
        }
    }

    private static void Selector(JsonObject value, JsonObject? before, Causes causes)
    {
        var spec = value.Object("spec");
        if (spec.Object("selector") is not { } selector || LabelSelector.Of(selector) is not { Requirements.Count: > 0 } parsed)
        {
            causes.Required("spec.selector", "a selector of at least one label is required");
            return;
        }

        if (!parsed.Matches(spec.Object("template", "metadata", "labels")))
        {
            causes.Invalid(
                "spec.template.metadata.labels",
                spec.Node("template", "metadata", "labels")?.ToJsonString(),
                "`selector` does not match template `labels`");
        }

        causes.Immutable(spec, before.Object("spec"), "spec", "selector");
    }

    private static void Job(JsonObject? spec, string path, Causes causes)
    {
        foreach (var field in (string[])["completions", "parallelism", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
        {
            causes.AtLeastZero(spec, $"{path}.{field}", field);
        }

        PodRules.Template(spec, $"{path}.template", null, causes);
        if (spec.Text("template", "spec", "restartPolicy") is "Always")
        {
            causes.Add(
                "FieldValueNotSupported",
                $"{path}.template.spec.restartPolicy",
                "Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\"");
        }
    }

    private static void CronJob(JsonObject? spec, Causes causes)
    {
        if (spec.Text("schedule") is not { } schedule)
        {
            causes.Required("spec.schedule", "a schedule is required");
        }
        else if (!CronExpression.TryParse(schedule, out _))
        {
            causes.Invalid("spec.schedule", schedule, "must be five fields of cron, minutes first, or one of @hourly, @daily, @weekly, @monthly, @yearly");
        }

        if (spec.Text("timeZone") is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            causes.Invalid("spec.timeZone", zone, "unknown time zone");
        }

        causes.OneOf(spec, "spec.concurrencyPolicy", "concurrencyPolicy", PolicyNames);
        causes.AtLeastZero(spec, "spec.successfulJobsHistoryLimit", "successfulJobsHistoryLimit");
        causes.AtLeastZero(spec, "spec.failedJobsHistoryLimit", "failedJobsHistoryLimit");
        var job = spec.Object("jobTemplate", "spec")?.DeepClone().AsObject();
        if (job.Object("template", "spec") is { } pod)
        {
            // A job template has no defaults of its own; its pods are checked as the jobs made from it will be.
            Defaults.Pod(pod);
        }

        Job(job, "spec.jobTemplate.spec", causes);
    }

    private static void Autoscaler(JsonObject? spec, Causes causes)
    {
        var (min, max) = (spec.Number("minReplicas") ?? 1, spec.Number("maxReplicas"));
        if (min < 1)
        {
            causes.Invalid("spec.minReplicas", min.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to 1");
        }

        if (max is null or < 1)
        {
            causes.Invalid("spec.maxReplicas", max?.ToString(CultureInfo.InvariantCulture), "must be greater than 0");
        }
        else if (max < min)
        {
            causes.Invalid("spec.maxReplicas", max.Value.ToString(CultureInfo.InvariantCulture), "must be greater than or equal to `minReplicas`");
        }

        foreach (var field in (string[])["kind", "name"])
        {
            if (spec.Text("scaleTargetRef", field) is not { Length: > 0 })
            {
                causes.Required($"spec.scaleTargetRef.{field}", "the target that is scaled must be named");
            }
        }
    }

    private static void Service(JsonObject? spec, Causes causes)
    {
        foreach (var (index, port) in (spec.Array("ports") ?? []).Index())
        {
            if (port.Number("port") is not (>= 1 and <= 65535))
            {
                causes.Invalid($"spec.ports[{index}].port", port.Scalar("port"), "must be between 1 and 65535, inclusive");
            }
        }
    }
}
