using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>From what an operator gave to what a client needs; the only part of access that looks at this machine's files and variables.</summary>
internal static class AccessReader
{
    private const string InsideFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static Outcome<KubeAccess> Read(ClusterAccess access, bool isTrusted, TimeProvider clock)
    {
        var machine = new KubeconfigMachine(ReadFile, FindProgram, clock.GetUtcNow(), isTrusted);
        if (access.Document is { } text)
        {
            return Kubeconfig.Read(text, Environment.CurrentDirectory, access.Context, machine);
        }

        if (!isTrusted)
        {
            return KubeconfigFiles.Untrusted("access", "the identity or a file");
        }

        if (access.File is not { } file)
        {
            return Inside(machine, Environment.GetEnvironmentVariable);
        }

        var path = Path.GetFullPath(file);
        return ReadFile(path) is { } bytes
            ? Kubeconfig.Read(System.Text.Encoding.UTF8.GetString(bytes), Path.GetDirectoryName(path)!, access.Context, machine)
            : Fault.Invalid("access.file", path, "a kubeconfig that Fury may read");
    }

    /// <summary>Without what proves who Fury is: its provider gives that anew all the time.</summary>
    public static Outcome<KubeAccess> Managed(ManagedCluster cluster, ManagedAddress address, TimeProvider clock)
    {
        var document = $"""
            current-context: managed
            contexts:
            - name: managed
              context:
                cluster: managed
                user: "{cluster}"
            clusters:
            - name: managed
              cluster:
                server: "{address.Server}"
                certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(address.Authorities))}
            users:
            - name: "{cluster}"
              user: {"{}"}
            """;
        return Kubeconfig.Read(document, "/", null, new KubeconfigMachine(_ => null, _ => null, clock.GetUtcNow(), IsTrusted: false));
    }

    /// <summary>The service account of the pod that Fury runs in.</summary>
    public static Outcome<KubeAccess> Inside(KubeconfigMachine machine, Func<string, string?> variable)
    {
        var host = variable("KUBERNETES_SERVICE_HOST");
        var port = variable("KUBERNETES_SERVICE_PORT");
        var authorities = machine.Read($"{InsideFolder}/ca.crt");
        if (host is null || !int.TryParse(port, out _) || authorities is null)
        {
            return Fault.Invalid("access", null, "a document or a file: Fury does not run inside of a cluster that gives it an access");
        }

        // As a kubeconfig, so that both ways meet the same checks.
        var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var document = $"""
            current-context: inside
            contexts:
            - name: inside
              context:
                cluster: inside
                user: inside
            clusters:
            - name: inside
              cluster:
                server: "https://{address}:{port}"
                certificate-authority: ca.crt
            users:
            - name: inside
              user:
                tokenFile: token
            """;
        return Kubeconfig.Read(document, InsideFolder, null, machine);
    }

    private static byte[]? ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? FindProgram(string command)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return File.Exists(command) ? command : null;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
    }
}
