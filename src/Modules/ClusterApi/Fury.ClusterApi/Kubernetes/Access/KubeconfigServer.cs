using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Access;

/// <summary>The <c>cluster</c> of a kubeconfig: where the server is and how it proves itself.</summary>
internal sealed record KubeconfigServer(
    Uri Address, X509Certificate2Collection? Authorities, bool IsUnverified, string? ServerName, Uri? Proxy)
{
    public static Outcome<KubeconfigServer> Read(KubeconfigNode node, KubeconfigFiles files)
    {
        var given = node.Text("server");
        if (!Uri.TryCreate(given, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
        {
            return Fault.Invalid(node.At("server"), given, "an address such as https://10.0.0.1:6443");
        }

        var local = Loopback.Is(address.Host);
        if (address.Scheme == "http" && !local)
        {
            return Fault.Invalid(node.At("server"), given, "https:// for an address that is not this machine's own, or tokens travel in clear");
        }

        var unverified = node.IsTrue("insecure-skip-tls-verify");
        if (unverified && !local)
        {
            return Fault.Invalid(
                node.At("insecure-skip-tls-verify"), "true", "left out: an unverified server is accepted on a loopback address only");
        }

        if (node.Text("proxy-url") is { } proxy && !(Uri.TryCreate(proxy, UriKind.Absolute, out var through) && through.Scheme is "http" or "https"))
        {
            return Fault.Invalid($"{node.At("proxy-url")} must be an http:// or https:// address.");
        }

        return files.Data(node, "certificate-authority").Then(pem => ReadAuthorities(node, pem)).Then<KubeconfigServer>(found => new KubeconfigServer(
            address, found.Count == 0 ? null : found, unverified, node.Text("tls-server-name"), node.Text("proxy-url") is { } url ? new Uri(url) : null));
    }

    private static Outcome<X509Certificate2Collection> ReadAuthorities(KubeconfigNode node, byte[]? pem)
    {
        var found = new X509Certificate2Collection();
        if (pem is null)
        {
            return found;
        }

        try
        {
            found.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException)
        {
            found.Clear();
        }

        return found.Count > 0 ? found : Fault.Invalid($"{node.At("certificate-authority")} holds no PEM certificate.");
    }
}
