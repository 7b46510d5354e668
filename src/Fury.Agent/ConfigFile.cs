using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>Reads the one file that an agent is told.</summary>
internal static class ConfigFile
{
    public const string Variable = "FURY_AGENT_CONFIG";

    private const int SecretLengthMin = 32;
    private static readonly TimeSpan GraceMax = TimeSpan.FromHours(1);

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The configuration, or every bad field of it. No fault shows a secret or a variable's value.</summary>
    public static Outcome<AgentConfig> Read(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                return Fault.Invalid($"The configuration {path} holds a secret and can be read by others: its mode must be 0600.");
            }

            return JsonSerializer.Deserialize<AgentConfig>(File.ReadAllBytes(path), FuryJson.Options) is { } config
                ? Check(config)
                : Fault.Invalid($"The configuration {path} must be a JSON object.");
        }
        catch (JsonException broken)
        {
            return Fault.Invalid($"The configuration {path} cannot be read at '{broken.Path}', line {broken.LineNumber + 1}.");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return Fault.Invalid($"The configuration {path} cannot be read: {missing.Message}");
        }
    }

    private static Outcome<AgentConfig> Check(AgentConfig config)
    {
        var check = new Validation();
        check.Require(config.Platform is { IsAbsoluteUri: true, Scheme: "http" or "https" }, config.Platform, "the platform's address, https://", "platform");
        check.Require(LotSecret.IsLot(config.Lot), config.Lot, $"1 to {LotSecret.LotLengthMax} letters, digits and hyphens", "lot");
        check.Require(config.Secret is { Length: >= SecretLengthMin }, null, $"at least {SecretLengthMin} characters", "secret");
        check.Require(config.Identity is { Id.Length: > 0 } or { Cloud: not AgentCloud.None }, null, "a cloud, or the instance's own id", "identity");
        check.Require(
            config.Artifact is { Arguments: not null, Command: not null, Digest: not null }
                && Uri.TryCreate(config.Artifact.Uri, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or ImageReference.Scheme,
            config.Artifact?.Uri,
            "an https, http or oci address, with digest, command and arguments",
            "artifact.uri");
        check.Require(
            config.Artifact is null || DigestHex.Of(config.Artifact.Digest) is not null
                || config.Artifact.Uri?.StartsWith("oci:", StringComparison.Ordinal) == true,
            config.Artifact?.Digest,
            "sha256: and 64 hex digits",
            "artifact.digest");
        check.Require(config.Environment is not null, null, "an object", "environment");
        check.Require(config.Port is >= 1 and <= 65535, config.Port, "1 to 65535", "port");
        check.Require(System.Net.IPAddress.TryParse(config.Address, out _), config.Address, "an IP address of this machine, or 0.0.0.0", "address");
        check.Require(config.HealthPath is null || config.HealthPath.StartsWith('/'), config.HealthPath, "a path that begins with /", "healthPath");
        check.Require(config.Grace >= TimeSpan.Zero && config.Grace <= GraceMax, config.Grace, $"0 to {GraceMax.TotalSeconds} s, as 00:00:30", "grace");
        check.Require(Path.IsPathFullyQualified(config.Folder ?? ""), config.Folder, "an absolute path", "folder");
        check.Require(
            config.Listen is { IsAbsoluteUri: true, Scheme: "http", PathAndQuery: "/" } listen && System.Net.IPAddress.TryParse(listen.DnsSafeHost, out _),
            config.Listen,
            $"an address such as {AgentConfig.ListenDefault}",
            "listen");
        return check.Fault is { } fault ? fault : config;
    }
}
