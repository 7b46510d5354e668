using System.Text.Json.Serialization;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>What a caller asks to be run; what is left out has its usual value.</summary>
/// <param name="Version">A version of the application; frozen with the scope's settings of the moment when it is run.</param>
/// <param name="Command">In place of the artifact's own.</param>
/// <param name="Arguments">In place of the artifact's own; none for another command.</param>
/// <param name="Size">The scope's when left out.</param>
/// <param name="Retries">0 (usual) to 100.</param>
/// <param name="DeadlineSeconds">All attempts together; an hour when left out.</param>
/// <param name="StartWithinSeconds">How long it may wait for a place; an hour when left out.</param>
/// <param name="Location"><c>provider/region</c>; anywhere when left out.</param>
/// <param name="RetryWhenLost">It may run twice at once, so when its cluster dies it is run in another.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record JobRequest(
    string? Version,
    string? Command = null,
    IReadOnlyList<string>? Arguments = null,
    JobSize? Size = null,
    int? Retries = null,
    int? DeadlineSeconds = null,
    int? StartWithinSeconds = null,
    string? Location = null,
    bool? RetryWhenLost = null)
{
    public const int RetriesMax = 100;
    public const int ArgumentsMax = 200;
    public const int TextLengthMax = 4000;

    /// <summary>7 days.</summary>
    public const int DeadlineSecondsMax = 7 * 86_400;

    /// <summary>A day.</summary>
    public const int StartWithinSecondsMax = 86_400;

    /// <summary>Whoever looks for what is due looks every second, and a cluster takes some.</summary>
    public const int StartWithinSecondsMin = 10;

    private const int HourSeconds = 3600;

    /// <param name="at">In front of the names of its fields, e.g. <c>job.</c>.</param>
    public JobTemplate Read(Validation check, string at = "")
    {
        var version = check.Name<VersionName>(Version, $"{at}version");
        check.Require(Command is null || IsText(Command) && Command.Length > 0, Command, $"1 to {TextLengthMax} characters", $"{at}command");
        check.Require(
            Arguments is null || (Arguments.Count <= ArgumentsMax && Arguments.All(IsText)),
            Arguments?.Count,
            $"at most {ArgumentsMax}, each of at most {TextLengthMax} characters",
            $"{at}arguments");
        check.Require(Size is null or { CpuMillis: >= 50 and <= 64_000 }, Size?.CpuMillis, "50 to 64000 (thousandths of a core)", $"{at}size.cpuMillis");
        check.Require(Size is null or { MemoryMiB: >= 32 and <= 524_288 }, Size?.MemoryMiB, "32 to 524288 (MiB)", $"{at}size.memoryMiB");
        check.Require(Retries is null or (>= 0 and <= RetriesMax), Retries, $"0 to {RetriesMax}", $"{at}retries");
        check.Require(
            DeadlineSeconds is null or (>= 1 and <= DeadlineSecondsMax), DeadlineSeconds, $"1 to {DeadlineSecondsMax}", $"{at}deadlineSeconds");
        check.Require(
            StartWithinSeconds is null or (>= StartWithinSecondsMin and <= StartWithinSecondsMax),
            StartWithinSeconds,
            $"{StartWithinSecondsMin} to {StartWithinSecondsMax}",
            $"{at}startWithinSeconds");
        check.Require(
            Location is null || Location.Split('/') is [{ Length: > 0 }, { Length: > 0 }], Location, "provider/region, e.g. aws/us-east-1", $"{at}location");
        return new(
            version,
            Command,
            Arguments,
            Size is { CpuMillis: { } cpu, MemoryMiB: { } memory } ? new(cpu, memory) : null,
            Retries ?? 0,
            DeadlineSeconds ?? HourSeconds,
            StartWithinSeconds ?? HourSeconds,
            Location,
            RetryWhenLost ?? false);
    }

    private static bool IsText(string? text) => text is { Length: <= TextLengthMax } && !text.Contains('\0', StringComparison.Ordinal);
}

/// <summary>What a job gets; both are given.</summary>
/// <param name="CpuMillis">Thousandths of a core, 50 to 64000.</param>
/// <param name="MemoryMiB">32 to 524288.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record JobSize(int? CpuMillis, int? MemoryMiB);
