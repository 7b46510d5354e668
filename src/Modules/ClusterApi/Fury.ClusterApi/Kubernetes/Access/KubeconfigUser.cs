using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>The <c>user</c> of a kubeconfig: how Fury proves itself.</summary>
internal static class KubeconfigUser
{
    private static readonly string[] NotSupported =
        ["username", "password", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra"];

    public static Outcome<KubeUser> Read(KubeconfigNode node, string name, KubeconfigFiles files)
    {
        if (NotSupported.FirstOrDefault(node.Has) is { } old)
        {
            return Fault.Invalid(
                $"{node.At(old)} is not supported: use a client certificate, a token, a tokenFile or an exec plugin.");
        }

        if (node.Text("tokenFile") is not null && !files.Machine.IsTrusted)
        {
            return KubeconfigFiles.Untrusted(node.At("tokenFile"), "a file");
        }

        var exec = node.Child("exec") is { } plugin ? Exec(plugin, files).Then<ExecPlugin?>(found => (ExecPlugin?)found) : default;
        if (!exec.IsOk)
        {
            return exec.Fault;
        }

        return Certificate(node, name, files).Then<KubeUser>(certificate => new KubeUser
        {
            Name = name,
            Token = node.Text("token"),
            TokenFile = node.Text("tokenFile") is { } path ? files.Whole(path) : null,
            Certificate = certificate,
            Exec = exec.Value,
        });
    }

    private static Outcome<X509Certificate2?> Certificate(KubeconfigNode node, string name, KubeconfigFiles files)
    {
        var certificate = files.Data(node, "client-certificate");
        var key = files.Data(node, "client-key");
        if ((certificate.Fault ?? key.Fault) is { } fault)
        {
            return fault;
        }

        return (certificate.Value, key.Value) switch
        {
            (null, null) => default(Outcome<X509Certificate2?>),
            (null, _) or (_, null) => Fault.Invalid($"{node.Path} must have both of client-certificate and client-key, or neither."),
            var (pem, secret) => ClientCertificate.Read(Encoding.UTF8.GetString(pem), Encoding.UTF8.GetString(secret), name, files.Machine.Now)
                .Then<X509Certificate2?>(read => (X509Certificate2?)read),
        };
    }

    private static Outcome<ExecPlugin> Exec(KubeconfigNode node, KubeconfigFiles files)
    {
        var version = node.Text("apiVersion");
        if (!ExecProtocol.Versions.Contains(version))
        {
            return Fault.Invalid(node.At("apiVersion"), version, $"one of {string.Join(", ", ExecProtocol.Versions)}");
        }

        var command = node.Text("command");
        if (command is null)
        {
            return Fault.Invalid(node.At("command"), null, "given");
        }

        if (!files.Machine.IsTrusted)
        {
            return KubeconfigFiles.Untrusted(node.At("command"), "a program");
        }

        if (node.Text("interactiveMode") == "Always")
        {
            return Fault.Invalid(node.At("interactiveMode"), "Always", "Never or IfAvailable: nobody sits here to answer");
        }

        // A path with a slash is relative to the kubeconfig, a bare name is looked for in PATH, as for everybody else.
        var program = files.Machine.FindProgram(command.Contains('/', StringComparison.Ordinal) ? files.Whole(command) : command);
        if (program is null)
        {
            var hint = node.Text("installHint") is { } text ? $" {Kubeconfig.Cut(text.ReplaceLineEndings(" "))}" : "";
            return Fault.Invalid($"{node.At("command")} names the credential plugin '{Kubeconfig.Cut(command)}', which this machine does not have.{hint}");
        }

        var environment = new Dictionary<string, string>();
        foreach (var variable in node.Items("env"))
        {
            environment[variable.Text("name") ?? ""] = variable.Text("value") ?? "";
        }

        environment.Remove("");
        return new ExecPlugin(version!, program, node.Texts("args"), environment, node.IsTrue("provideClusterInfo"));
    }
}

internal static class ClientCertificate
{
    /// <param name="user">Whose it is, for the refusal.</param>
    public static Outcome<X509Certificate2> Read(string certificate, string key, string user, DateTimeOffset now)
    {
        X509Certificate2 read;
        try
        {
            read = X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception bad) when (bad is CryptographicException or ArgumentException)
        {
            return Fault.Invalid($"The client certificate of user '{Kubeconfig.Cut(user)}' is no PEM certificate, or its key is not its own.");
        }

        // Said here, in words: the server would only close the connection.
        return now > read.NotAfter || now < read.NotBefore
            ? new Fault(
                FaultKind.Unauthenticated,
                $"The client certificate of user '{Kubeconfig.Cut(user)}' is valid from {read.NotBefore.ToUniversalTime():u} to "
                + $"{read.NotAfter.ToUniversalTime():u}, and it is {now:u}. A new one is needed.")
            : read;
    }
}
