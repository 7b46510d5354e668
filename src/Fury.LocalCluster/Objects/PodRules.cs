using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What the spec of a pod must be.</summary>
internal static class PodRules
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] Resources = ["requests", "limits"];

    /// <summary>All that may be changed of a pod once it is there.</summary>
    private static readonly string[] Changeable = ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations"];

    /// <param name="onlyRestart">The one restart policy that is allowed; null for any.</param>
    public static void Template(JsonObject? parent, string path, string? onlyRestart, Causes causes)
    {
        if (parent.Object("template", "spec") is not { } spec)
        {
            causes.Required($"{path}.spec", "a template of the pods is required");
            return;
        }

        Spec(spec, $"{path}.spec", causes);
        if (onlyRestart is not null && spec.Text("restartPolicy") is { } given && given != onlyRestart)
        {
            causes.Add("FieldValueNotSupported", $"{path}.spec.restartPolicy", $"Unsupported value: \"{given}\": supported values: \"{onlyRestart}\"");
        }
    }

    public static void Spec(JsonObject? spec, string path, Causes causes)
    {
        if (spec.Array("containers") is not { Count: > 0 } containers)
        {
            causes.Required($"{path}.containers", "at least one container is required");
            return;
        }

        causes.OneOf(spec, $"{path}.restartPolicy", "restartPolicy", RestartPolicies);
        causes.AtLeastZero(spec, $"{path}.terminationGracePeriodSeconds", "terminationGracePeriodSeconds");
        var names = new HashSet<string>();
        foreach (var (index, container) in containers.Index())
        {
            var at = $"{path}.containers[{index}]";
            if (container.Text("name") is not { } name)
            {
                causes.Required($"{at}.name", "a container must be named");
            }
            else if (!Names.IsLabelName(name))
            {
                causes.Invalid($"{at}.name", name, "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'");
            }
            else if (!names.Add(name))
            {
                causes.Add("FieldValueDuplicate", $"{at}.name", $"Duplicate value: \"{name}\"");
            }

            if (container.Text("image") is not { Length: > 0 })
            {
                causes.Required($"{at}.image", "an image is required");
            }

            Ports(container, at, causes);
            Quantities(container, at, causes);
        }
    }

    /// <summary>Beside a few fields, only images may be changed, and only <c>binding</c> gives a pod its node.</summary>
    public static void Unchanged(JsonObject? now, JsonObject? before, Causes causes)
    {
        var (left, right) = (Comparable(now), Comparable(before));
        if (!JsonNode.DeepEquals(left, right))
        {
            var field = (left ?? []).Select(item => item.Key).Concat((right ?? []).Select(item => item.Key))
                .First(name => !JsonNode.DeepEquals(left.Node(name), right.Node(name)));
            causes.Add(
                "FieldValueForbidden",
                "spec",
                "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                + "`spec.activeDeadlineSeconds`,`spec.terminationGracePeriodSeconds`,`spec.tolerations` (only additions to existing tolerations); "
                + $"`spec.{field}` differs");
        }
    }

    private static JsonObject? Comparable(JsonObject? spec)
    {
        var copy = spec?.DeepClone().AsObject();
        foreach (var name in Changeable)
        {
            copy?.Remove(name);
        }

        foreach (var container in (copy.Array("containers") ?? []).Concat(copy.Array("initContainers") ?? []).OfType<JsonObject>())
        {
            container.Remove("image");
            container.Remove("imagePullPolicy");
        }

        return copy;
    }

    private static void Ports(JsonNode? container, string at, Causes causes)
    {
        foreach (var (index, port) in (container.Array("ports") ?? []).Index())
        {
            if (port.Number("containerPort") is not (>= 1 and <= 65535))
            {
                causes.Invalid($"{at}.ports[{index}].containerPort", port.Scalar("containerPort"), "must be between 1 and 65535, inclusive");
            }
        }
    }

    private static void Quantities(JsonNode? container, string at, Causes causes)
    {
        foreach (var list in Resources)
        {
            foreach (var (name, quantity) in container.Object("resources", list) ?? [])
            {
                if (Quantity.Of(quantity) is not >= 0)
                {
                    causes.Invalid($"{at}.resources.{list}[{name}]", quantity.Scalar(), "must be a quantity such as 250m, 1.5 or 128Mi, not below 0");
                }
                else if (list == "requests" && Quantity.Of(container.Node("resources", "limits", name)) < Quantity.Of(quantity))
                {
                    causes.Invalid($"{at}.resources.requests[{name}]", quantity.Scalar(), $"must be less than or equal to {name} limit");
                }
            }
        }
    }
}
