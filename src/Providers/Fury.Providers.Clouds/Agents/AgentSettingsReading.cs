using System.Globalization;
using Fury.Agent.Wire;
using Fury.Kernel;
using Microsoft.Extensions.Configuration;

namespace Fury.Providers.Clouds;

/// <summary>
/// Reads what is set under <c>Fury:Agents</c>: <c>Platform</c>, <c>Amd64</c> and <c>Arm64</c> (each with <c>Uri</c> and <c>Digest</c>, one of them at
/// least), <c>Port</c> (8080), <c>Grace</c> (00:00:30), and <c>Sidecar</c> by its own settings' names.
/// </summary>
internal static class AgentSettingsReading
{
    public const string Section = "Fury:Agents";

    private const int PortDefault = 8080;
    private const int DigestLength = 71;
    private static readonly TimeSpan GraceDefault = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GraceMax = TimeSpan.FromHours(1);

    /// <summary>The settings for the agents of a cloud, or every bad one.</summary>
    public static Outcome<AgentSettings> Read(IConfiguration settings, AgentCloud cloud)
    {
        var (section, check) = (settings.GetSection(Section), new Validation());
        var platform = Address(check, section["Platform"], $"{Section}:Platform");
        var binaries = new Dictionary<Architecture, AgentBinary>();
        foreach (var architecture in Enum.GetValues<Architecture>())
        {
            var (field, own) = ($"{Section}:{architecture}", section.GetSection($"{architecture}"));
            if (own.Exists())
            {
                var digest = own["Digest"];
                check.Require(IsDigest(digest), digest, "sha256: and 64 hex digits", $"{field}:Digest");
                binaries[architecture] = new(Address(check, own["Uri"], $"{field}:Uri"), digest ?? "");
            }
        }

        check.Require(binaries.Count > 0, null, "given, Amd64 or Arm64, each with Uri and Digest", Section);
        var port = Number(section["Port"], PortDefault);
        check.Require(port is >= 1 and <= 65535, section["Port"], "1 to 65535", $"{Section}:Port");
        var grace = section["Grace"] is not { } text ? GraceDefault
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var given) ? given
            : TimeSpan.MinValue;
        check.Require(grace >= TimeSpan.Zero && grace <= GraceMax, section["Grace"], "a duration such as 00:00:30, at most an hour", $"{Section}:Grace");
        var sidecar = section.GetSection("Sidecar").AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Value is not null)
            .ToDictionary(setting => setting.Key, setting => setting.Value!);
        return check.Fault is { } fault
            ? fault
            : new AgentSettings(cloud, platform, binaries, port, grace) { Sidecar = sidecar.Count > 0 ? sidecar : null };
    }

    private static Uri Address(Validation check, string? text, string field)
    {
        var isGood = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http";
        check.Require(isGood, text, "an address that instances reach, https://", field);
        return isGood ? uri! : new Uri("https://unknown.invalid");
    }

    private static int Number(string? text, int absent) =>
        text is null ? absent : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool IsDigest(string? text) => text is { Length: DigestLength }
        && text.StartsWith("sha256:", StringComparison.Ordinal) && text[7..].All(char.IsAsciiHexDigitLower);
}
