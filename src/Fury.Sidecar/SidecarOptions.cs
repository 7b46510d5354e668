using System.Net;
using Fury.Kernel;
using Microsoft.Extensions.Options;

namespace Fury.Sidecar;

/// <summary>The settings under <c>Sidecar</c>.</summary>
internal sealed class SidecarOptions
{
    public const string Section = "Sidecar";

    public const string Yarp = "yarp";

    public const string HaproxyName = "haproxy";

    /// <summary>Where clients reach it: <c>http://</c>, a loopback address and a port; port 0 takes any free one.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:7081";

    /// <summary>Its name towards the control plane, the same after a restart; left out, the machine's name and the port it listens on.</summary>
    public string? Name { get; set; }

    /// <summary>The scope it belongs to, <c>application/scope</c>: it follows what that depends on. Empty: only what it is asked for.</summary>
    public string Scope { get; set; } = "";

    /// <summary>What carries the requests: <c>yarp</c>, in this process, or <c>haproxy</c>, a process that this one starts and ends.</summary>
    public string DataPlane { get; set; } = Yarp;

    public HaproxyOptions Haproxy { get; set; } = new();

    /// <summary>
    /// Addresses of control planes, separated by commas: <c>https://</c>, or <c>http://</c> and a loopback address. Empty: the one of this process.
    /// </summary>
    public string ControlPlanes { get; set; } = "";

    /// <summary>PEM files of its certificate and key, and of the authorities that sign control planes; read anew for each connection.</summary>
    public string? Certificate { get; set; }

    public string? CertificateKey { get; set; }

    public string? Authorities { get; set; }

    public IEnumerable<Uri> ControlPlaneUris =>
        ControlPlanes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(address => new Uri(address));

    public IPEndPoint EndPoint => Loopback.EndPoint(new Uri(Listen));

    /// <summary>Where clients reach it once it listens on this port.</summary>
    public Uri AddressAt(int port) => new UriBuilder(Listen) { Port = port }.Uri;

    /// <summary><see cref="Name"/>, or what stands in for it on this port.</summary>
    public string NameAt(int port) => Name ?? $"{Environment.MachineName}:{port}";

    public InvalidOperationException PortIsTaken() =>
        new($"Sidecar:Listen is '{Listen}' and that port is taken by another process. Stop it, or choose another port.");

    public InvalidOperationException CannotListen(Exception cause) =>
        new($"Sidecar:Listen is '{Listen}' and cannot be listened on: {cause.Message}", cause);
}

/// <summary>The settings under <c>Sidecar:Haproxy</c>.</summary>
internal sealed class HaproxyOptions
{
    /// <summary>The program, version 2.6 or newer; left out, the first <c>haproxy</c> in PATH or /usr/sbin.</summary>
    public string? Binary { get; set; }

    /// <summary>
    /// How many pools it can route to at the same time, those counted that are out of the routes and have requests in flight. Each is a backend that
    /// HAProxy is started with.
    /// </summary>
    public int PoolsMax { get; set; } = 256;
}

internal sealed class SidecarOptionsRules : IValidateOptions<SidecarOptions>
{
    private const int NameLengthMax = 200;
    private const int PoolsMaxMax = 4096;

    public ValidateOptionsResult Validate(string? name, SidecarOptions options)
    {
        if (!Uri.TryCreate(options.Listen, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            return Refused("Listen", options.Listen, "must be an address such as http://127.0.0.1:7081");
        }

        // Clients have neither TLS nor authentication here, so it must not be reachable from other machines.
        if (!Loopback.Is(uri.Host))
        {
            return Refused("Listen", options.Listen, "must be a loopback address, such as http://127.0.0.1:7081");
        }

        if (options.Name is { Length: 0 or > NameLengthMax })
        {
            return Refused("Name", options.Name, $"must have 1 to {NameLengthMax} characters");
        }

        if (options.Scope.Length > 0 && !ScopeRef.TryParse(options.Scope, out _))
        {
            return Refused("Scope", options.Scope, "must be application/scope, such as shop/production-web, or empty");
        }

        return DataPlane(options) ?? ControlPlanes(options);
    }

    private static ValidateOptionsResult? DataPlane(SidecarOptions options)
    {
        if (options.DataPlane is not (SidecarOptions.Yarp or SidecarOptions.HaproxyName))
        {
            return Refused("DataPlane", options.DataPlane, $"must be {SidecarOptions.Yarp} or {SidecarOptions.HaproxyName}");
        }

        if (options.DataPlane == SidecarOptions.Yarp)
        {
            return null;
        }

        // It serves what its scope depends on: it has no way to ask for a host that it does not know.
        return options.Scope.Length == 0
                ? Refused("Scope", options.Scope, "must be application/scope, such as shop/production-web, where Sidecar:DataPlane is haproxy")
            : options.Haproxy.PoolsMax is < 1 or > PoolsMaxMax
                ? Refused("Haproxy:PoolsMax", $"{options.Haproxy.PoolsMax}", $"must be 1 to {PoolsMaxMax}")
            : options.Haproxy.Binary is { } binary && !File.Exists(binary)
                ? Refused("Haproxy:Binary", binary, "must be the file of the program HAProxy")
            : null;
    }

    private static ValidateOptionsResult ControlPlanes(SidecarOptions options)
    {
        foreach (var address in options.ControlPlanes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
            {
                return Refused("ControlPlanes", address, "must be addresses such as https://fury.example:7082, separated by commas");
            }

            if (uri.Scheme == Uri.UriSchemeHttp && !Loopback.Is(uri.Host))
            {
                return Refused("ControlPlanes", address, "is on another machine, so it must be https:// with certificates (docs/mesh.md)");
            }

            foreach (var (setting, file) in uri.Scheme == Uri.UriSchemeHttps ? Files(options) : [])
            {
                if (file is null || !File.Exists(file))
                {
                    return Refused(setting, file, $"must be a PEM file, since the control plane {address} is https");
                }
            }
        }

        return ValidateOptionsResult.Success;
    }

    private static (string Setting, string? File)[] Files(SidecarOptions options) =>
        [("Certificate", options.Certificate), ("CertificateKey", options.CertificateKey), ("Authorities", options.Authorities)];

    private static ValidateOptionsResult Refused(string setting, string? value, string expected) =>
        ValidateOptionsResult.Fail($"Sidecar:{setting} is '{value}' and {expected}.");
}
