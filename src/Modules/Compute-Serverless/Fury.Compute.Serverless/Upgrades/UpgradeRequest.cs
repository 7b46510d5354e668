using System.Text.Json.Serialization;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>What a caller says of an upgrade.</summary>
/// <param name="Name">Of its own: the same request again is the same upgrade.</param>
/// <param name="By">Who asks, 1 to 100 printable characters; they can not approve a shape that is not proven. A proven name stands instead.</param>
/// <param name="Version">To which control planes are brought: major and minor, e.g. <c>1.34</c>.</param>
/// <param name="Clusters">Names, 1 to 500, each once; all registered ones that do not have the version when left out.</param>
/// <param name="EmptyFirst">Whether each cluster is emptied before; true when left out.</param>
/// <param name="MaxConcurrent">So many are emptied or moved at once at most, 1 to 50; 2 when left out. In each region it is one.</param>
/// <param name="StopAfter">At so many failures it stops, 1 to 500; 1 when left out.</param>
/// <param name="SoakSeconds">A cluster has been well for so long before the next wave begins, 0 to 2592000; 86400 when left out.</param>
/// <param name="DeadlineSeconds">For emptying a cluster, and again for its provider to move it, 60 to 86400; 7200 when left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record UpgradeRequest(
    string? Name,
    string? By,
    string? Version,
    IReadOnlyList<string?>? Clusters = null,
    bool? EmptyFirst = null,
    int? MaxConcurrent = null,
    int? StopAfter = null,
    int? SoakSeconds = null,
    int? DeadlineSeconds = null)
{
    public const int ClustersMax = 500;

    private const int ConcurrentMax = 50;
    private const int ConcurrentDefault = 2;
    private const int StopAfterDefault = 1;
    private const int SoakMax = 30 * 24 * 3600;
    private const int SoakDefault = 24 * 3600;
    private const int DeadlineMin = 60;
    private const int DeadlineMax = 24 * 3600;
    private const int DeadlineDefault = 2 * 3600;

    /// <summary>The upgrade without its targets.</summary>
    public Outcome<Upgrade> Read(DateTimeOffset now)
    {
        var check = new Validation();
        var name = check.Name<ApplicationName>(Name).Value; // It is named as applications are.
        var by = check.Person(By);
        check.Require(MinorVersion.TryParse(Version, out var version), Version, MinorVersion.Expected, "version");
        check.Require(MaxConcurrent is null or (>= 1 and <= ConcurrentMax), MaxConcurrent, $"1 to {ConcurrentMax}", "maxConcurrent");
        check.Require(StopAfter is null or (>= 1 and <= ClustersMax), StopAfter, $"1 to {ClustersMax}", "stopAfter");
        check.Require(SoakSeconds is null or (>= 0 and <= SoakMax), SoakSeconds, $"0 to {SoakMax}", "soakSeconds");
        check.Require(
            DeadlineSeconds is null or (>= DeadlineMin and <= DeadlineMax), DeadlineSeconds, $"{DeadlineMin} to {DeadlineMax}", "deadlineSeconds");
        check.Require(Clusters is null or { Count: >= 1 and <= ClustersMax }, $"{Clusters?.Count ?? 0} entries", $"1 to {ClustersMax} entries", "clusters");
        return check.Fault is { } bad ? bad : new Upgrade(
            Guid.CreateVersion7(now),
            name,
            by,
            version,
            EmptyFirst ?? true,
            MaxConcurrent ?? ConcurrentDefault,
            StopAfter ?? StopAfterDefault,
            TimeSpan.FromSeconds(SoakSeconds ?? SoakDefault),
            TimeSpan.FromSeconds(DeadlineSeconds ?? DeadlineDefault),
            now);
    }
}

/// <summary>Who asks something of an upgrade, and why.</summary>
/// <param name="By">1 to 100 printable characters. A proven name stands instead.</param>
/// <param name="Reason">1 to 500 printable characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record UpgradeOrderRequest(string? By, string? Reason);
