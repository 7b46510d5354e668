using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>What is said to a credential plugin and what it answers. Pure.</summary>
internal static class ExecProtocol
{
    public static readonly IReadOnlyList<string?> Versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    /// <summary>The value of <c>KUBERNETES_EXEC_INFO</c>.</summary>
    public static string Info(ExecPlugin plugin, KubeAccess access)
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (plugin.TellsCluster)
        {
            var authorities = access.Authorities?.ExportCertificatePems();
            spec["cluster"] = new JsonObject
            {
                ["server"] = access.Server.ToString(),
                ["certificate-authority-data"] = authorities is null ? null : Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(authorities)),
                ["tls-server-name"] = access.ServerName,
            };
        }

        return new JsonObject { ["apiVersion"] = plugin.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    public static Outcome<Credential> Read(string output, ExecPlugin plugin, string user, DateTimeOffset now)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(output);
        }
        catch (JsonException)
        {
            return Failed(plugin, "printed no JSON");
        }

        if (root.Text("kind") != "ExecCredential" || root.Text("apiVersion") != plugin.ApiVersion)
        {
            return Failed(plugin, $"did not print an ExecCredential of {plugin.ApiVersion}");
        }

        var status = root.At("status");
        var (token, certificate, key) = (status.Text("token"), status.Text("clientCertificateData"), status.Text("clientKeyData"));
        if (token is null && (certificate is null || key is null))
        {
            return Failed(plugin, "gave neither a token nor a client certificate with its key");
        }

        var expires = status.Time("expirationTimestamp");
        if (certificate is null || key is null)
        {
            return new Credential(token, null, expires);
        }

        return ClientCertificate.Read(certificate, key, user, now).Then<Credential>(read => new Credential(token, read, expires ?? read.NotAfter));
    }

    public static Fault Failed(ExecPlugin plugin, string what) =>
        new(FaultKind.Unauthenticated, $"The credential plugin {plugin.Command} {what}. Run it by hand to see why.");
}
