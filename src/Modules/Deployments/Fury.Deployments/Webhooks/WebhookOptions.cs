using Fury.Kernel;
using Microsoft.Extensions.Configuration;

namespace Fury.Deployments.Webhooks;

/// <param name="Addresses">Setting <c>Deployments:Webhooks:AllowedNetworks</c>, e.g. <c>10.1.0.0/16, 127.0.0.0/8</c>.</param>
/// <param name="PublicUrl">Where people reach the platform, for links; null: links are paths. Setting <c>Fury:PublicUrl</c>.</param>
internal sealed record WebhookOptions(AddressPolicy Addresses, Uri? PublicUrl)
{
    private const string NetworksKey = "Deployments:Webhooks:AllowedNetworks";
    private const string PublicUrlKey = "Fury:PublicUrl";

    /// <exception cref="InvalidOperationException">One sentence names the bad setting and what would be right.</exception>
    public static WebhookOptions Read(IConfiguration settings)
    {
        var (networks, url) = (settings[NetworksKey], settings[PublicUrlKey]);
        Uri? place = null;
        if (!string.IsNullOrWhiteSpace(url) && !(Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out place) && place.Scheme is "http" or "https"))
        {
            throw new InvalidOperationException($"{PublicUrlKey} must be an http or https address such as https://fury.example.com, and is '{url}'.");
        }

        try
        {
            return new(AddressPolicy.Parse(networks), place);
        }
        catch (FormatException)
        {
            throw new InvalidOperationException($"{NetworksKey} must be networks such as '10.1.0.0/16, 192.168.7.0/24', and is '{networks}'.");
        }
    }

    public string LinkTo(DeploymentId deployment)
    {
        var path = $"api/v1/deployments/{deployment}";
        return PublicUrl is null ? $"/{path}" : new Uri(PublicUrl, path).AbsoluteUri;
    }
}
