using System.Text;

namespace Fury.LocalCluster;

/// <summary>How clients reach a cluster, in the file format that all of them read.</summary>
internal static class Kubeconfig
{
    public static string Of(string name, Uri address, string? token, Certificates? certificates)
    {
        var text = new StringBuilder();
        text.Append(
            $"""
            apiVersion: v1
            kind: Config
            current-context: {name}
            clusters:
            - name: {name}
              cluster:
                server: {address.ToString().TrimEnd('/')}

            """);
        if (certificates is not null)
        {
            text.AppendLine($"    certificate-authority-data: {Base64(certificates.AuthorityPem)}");
        }

        text.Append(
            $"""
            contexts:
            - name: {name}
              context:
                cluster: {name}
                user: {name}
                namespace: default
            users:
            - name: {name}

            """);
        if (token is not null)
        {
            text.AppendLine("  user:").AppendLine($"    token: {token}");
        }
        else if (certificates is not null)
        {
            text.AppendLine("  user:")
                .AppendLine($"    client-certificate-data: {Base64(certificates.ClientPem)}")
                .AppendLine($"    client-key-data: {Base64(certificates.ClientKeyPem)}");
        }
        else
        {
            text.AppendLine("  user: {}");
        }

        return text.ToString();
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
}
