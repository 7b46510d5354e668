using System.Net;
using Fury.Kernel;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>The settings under <c>Mesh:Xds</c>.</summary>
internal sealed class XdsOptions
{
    public const string Section = "Mesh:Xds";

    /// <summary>Where proxies connect: <c>http://</c> and a loopback address, or <c>https://</c>; port 0 takes any free one.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:7082";

    /// <summary>PEM files of the server's certificate (with its chain) and key; read again when they change.</summary>
    public string? Certificate { get; set; }

    public string? CertificateKey { get; set; }

    /// <summary>PEM file of the authorities whose certificates proxies must show; read again when it changes.</summary>
    public string? ClientAuthorities { get; set; }

    /// <summary>Of the names in proxies' certificates: <c>spiffe://fury/scope/shop/production-web</c>.</summary>
    public string TrustDomain { get; set; } = "fury";

    /// <summary>A stream is told to connect anew after about this time, so that streams spread over hosts that were added.</summary>
    public TimeSpan StreamAgeMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>New streams a second that are served; more are told to come again, so that a restart is no stampede.</summary>
    public int StreamsPerSecond { get; set; } = 500;

    /// <summary>Streams on this host.</summary>
    public int StreamsMax { get; set; } = 20_000;

    /// <summary>How often proxies report their load.</summary>
    public TimeSpan LoadReportInterval { get; set; } = TimeSpan.FromSeconds(1);

    public bool IsTls => new Uri(Listen).Scheme == Uri.UriSchemeHttps;

    public IPEndPoint EndPoint => Loopback.EndPoint(new Uri(Listen));
}

internal sealed class XdsOptionsRules : IValidateOptions<XdsOptions>
{
    public ValidateOptionsResult Validate(string? name, XdsOptions options)
    {
        if (!Uri.TryCreate(options.Listen, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
        {
            return Refused("Listen", options.Listen, "must be an address such as http://127.0.0.1:7082 or https://0.0.0.0:7082");
        }

        if (uri.Host != "localhost" && !IPAddress.TryParse(uri.DnsSafeHost, out _))
        {
            return Refused("Listen", options.Listen, "must name an IP address of this machine, or localhost");
        }

        if (uri.Scheme == "http")
        {
            return Loopback.Is(uri.Host)
                ? Numbers(options)
                : Refused("Listen", options.Listen, "is reachable by other machines, so it must be https:// with certificates (docs/mesh.md)");
        }

        foreach (var (setting, file) in Files(options))
        {
            if (file is null || !File.Exists(file))
            {
                return Refused(setting, file, "must be a PEM file, since Mesh:Xds:Listen is https");
            }
        }

        return Numbers(options);
    }

    private static (string, string?)[] Files(XdsOptions options) =>
        [("Certificate", options.Certificate), ("CertificateKey", options.CertificateKey), ("ClientAuthorities", options.ClientAuthorities)];

    private static ValidateOptionsResult Numbers(XdsOptions options) =>
        options.StreamsPerSecond < 1 ? Refused("StreamsPerSecond", $"{options.StreamsPerSecond}", "must be 1 or more")
        : options.StreamsMax < 1 ? Refused("StreamsMax", $"{options.StreamsMax}", "must be 1 or more")
        : options.StreamAgeMax < TimeSpan.FromSeconds(10) ? Refused("StreamAgeMax", $"{options.StreamAgeMax}", "must be 10 s or more")
        : options.LoadReportInterval < TimeSpan.FromMilliseconds(100)
            ? Refused("LoadReportInterval", $"{options.LoadReportInterval}", "must be 100 ms or more")
        : ValidateOptionsResult.Success;

    private static ValidateOptionsResult Refused(string setting, string? value, string expected) =>
        ValidateOptionsResult.Fail($"{XdsOptions.Section}:{setting} is '{value}' and {expected}.");
}
