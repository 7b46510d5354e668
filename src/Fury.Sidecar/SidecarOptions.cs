using System.Net;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar;

/// <summary>The settings under <c>Sidecar</c>.</summary>
internal sealed class SidecarOptions
{
    public const string Section = "Sidecar";

    /// <summary>Where clients reach it: <c>http://</c>, a loopback address and a port; port 0 takes any free one.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:7081";

    /// <summary>The first part of its name towards the control plane; the second is drawn at each start.</summary>
    public string Name { get; set; } = Environment.MachineName;

    public IPEndPoint EndPoint
    {
        get
        {
            var uri = new Uri(Listen);
            return new IPEndPoint(uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(uri.DnsSafeHost), uri.Port);
        }
    }
}

internal sealed class SidecarOptionsRules : IValidateOptions<SidecarOptions>
{
    public ValidateOptionsResult Validate(string? name, SidecarOptions options)
    {
        if (!Uri.TryCreate(options.Listen, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            return Refused(options, "must be an address such as http://127.0.0.1:7081");
        }

        var isLoopback = uri.Host == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));

        // The sidecar has neither TLS nor authentication yet, so it must not be reachable from other machines.
        return isLoopback ? ValidateOptionsResult.Success : Refused(options, "must be a loopback address, such as http://127.0.0.1:7081");
    }

    private static ValidateOptionsResult Refused(SidecarOptions options, string expected) =>
        ValidateOptionsResult.Fail($"Sidecar:Listen is '{options.Listen}' and {expected}.");
}
