using Fury.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>Reads one context out of a kubeconfig. Refusals name the place in the document and never what stands there.</summary>
internal static class Kubeconfig
{
    private const int LengthMax = 1 << 20;

    /// <param name="folder">What relative paths in it are relative to.</param>
    public static Outcome<KubeAccess> Read(string text, string folder, string? context, KubeconfigMachine machine)
    {
        if (text.Length > LengthMax)
        {
            return Fault.Invalid($"The kubeconfig is longer than {LengthMax} characters.");
        }

        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException broken)
        {
            // Without the parser's message, which may quote the line.
            return Fault.Invalid($"The kubeconfig is no YAML at line {broken.Start.Line}, column {broken.Start.Column}.");
        }

        return yaml.Documents is [{ RootNode: YamlMappingNode root }]
            ? Read(new KubeconfigNode(root, ""), folder, context, machine)
            : Fault.Invalid("The kubeconfig is not one YAML mapping with clusters, users and contexts.");
    }

    private static Outcome<KubeAccess> Read(KubeconfigNode root, string folder, string? wanted, KubeconfigMachine machine)
    {
        var name = wanted ?? root.Text("current-context");
        if (string.IsNullOrEmpty(name))
        {
            return Fault.Invalid("The kubeconfig has no current-context, and none was named.");
        }

        if (root.Named("contexts", name, "context") is not { } context)
        {
            return Fault.Invalid($"The kubeconfig has no context '{Cut(name)}'; it has {Names(root, "contexts")}.");
        }

        if (root.Named("clusters", context.Text("cluster") ?? "", "cluster") is not { } cluster)
        {
            return Fault.Invalid($"The context '{Cut(name)}' names the cluster '{Cut(context.Text("cluster"))}', which the kubeconfig does not have.");
        }

        var userName = context.Text("user") ?? "";
        var user = root.Named("users", userName, "user");
        if (user is null && userName.Length > 0)
        {
            return Fault.Invalid($"The context '{Cut(name)}' names the user '{Cut(userName)}', which the kubeconfig does not have.");
        }

        var files = new KubeconfigFiles(folder, machine);
        var server = KubeconfigServer.Read(cluster, files);
        if (!server.IsOk)
        {
            return server.Fault;
        }

        var known = user is null ? new KubeUser { Name = "anonymous" } : KubeconfigUser.Read(user, userName, files);
        return known.Then<KubeAccess>(who => new KubeAccess
        {
            Server = server.Value.Address,
            Authorities = server.Value.Authorities,
            IsUnverified = server.Value.IsUnverified,
            ServerName = server.Value.ServerName,
            Proxy = server.Value.Proxy,
            Namespace = context.Text("namespace"),
            User = who,
        });
    }

    private static string Names(KubeconfigNode root, string list)
    {
        const int shown = 10;
        var names = root.Items(list).Select(item => Cut(item.Text("name"))).Where(name => name.Length > 0).ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names.Take(shown)) + (names.Count > shown ? ", …" : "");
    }

    internal static string Cut(string? text) => FieldFault.Of("", text, "").Value ?? "";
}
