using System.Text.RegularExpressions;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Clusters;

/// <summary>What may be asked of any cluster. Every bad field is named at once. Pure.</summary>
internal static partial class WorkloadRules
{
    public const int ReplicasMax = 1000;

    /// <summary>Of an <see cref="Artifact.Uri"/> that names an image.</summary>
    public const string ImageScheme = "oci://";
    public const string LabelExpected = "1 to 63 lower-case letters, digits or hyphens, starting and ending with a letter or digit";

    private const int TokenLengthMax = 100;
    private const int RetriesMax = 100;
    private const int KeptMax = 100;
    private const int TailMax = 100_000;
    private const int VariablesMax = 500;
    private const int VariableLengthMax = 32 * 1024;
    private const int ArgumentsMax = 200;
    private const int NameLengthMax = 253;
    private const string NameExpected = "2 to 40 lower-case letters, digits or hyphens, starting with a letter and not ending with a hyphen";

    private static readonly TimeSpan GraceMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan RunMax = TimeSpan.FromDays(30);

    public static Fault? Check(PoolWorkload pool)
    {
        var check = new Validation();
        check.Require(
            pool.ClientToken.Length is >= 1 and <= TokenLengthMax && pool.ClientToken.All(character => character is > ' ' and <= '~'),
            pool.ClientToken, $"1 to {TokenLengthMax} visible ASCII characters", "clientToken");
        check.Require(pool.Replicas is >= 0 and <= ReplicasMax, pool.Replicas, $"0 to {ReplicasMax}", "replicas");
        check.Require(pool.UnavailableMax is >= 1 and <= ReplicasMax, pool.UnavailableMax, $"1 to {ReplicasMax}", "unavailableMax");
        if (pool.Scaling is { } scaling)
        {
            check.Require(scaling.Ceiling is >= 1 and <= ReplicasMax, scaling.Ceiling, $"1 to {ReplicasMax}", "scaling.ceiling");
            check.Require(scaling.Floor >= 0 && scaling.Floor <= scaling.Ceiling, scaling.Floor, "0 to the ceiling", "scaling.floor");
            check.Require(scaling.CpuPercent is >= 1 and <= 100, scaling.CpuPercent, "1 to 100", "scaling.cpuPercent");
            check.Require(pool.Replicas <= scaling.Ceiling, pool.Replicas, "at most the ceiling", "replicas");
        }

        Check(check, pool.Template, "template");
        return check.Fault;
    }

    public static Fault? Check(JobWorkload job)
    {
        var check = new Validation();
        check.Require(Name().IsMatch(job.Name), job.Name, NameExpected, "name");
        Check(check, job, "");
        return check.Fault;
    }

    public static Fault? Check(ScheduleWorkload schedule)
    {
        var check = new Validation();
        check.Require(Name().IsMatch(schedule.Name), schedule.Name, NameExpected, "name");
        check.Require(Cron().IsMatch(schedule.Cron), schedule.Cron, "five fields: minute, hour, day of month, month, day of week", "cron");
        check.Require(
            schedule.TimeZone.Length <= TokenLengthMax && TimeZoneInfo.TryFindSystemTimeZoneById(schedule.TimeZone, out _),
            schedule.TimeZone, "an IANA time zone such as Europe/Berlin", "timeZone");
        check.Require(IsTime(schedule.StartWithin, RunMax), schedule.StartWithin, "1 second to 30 days", "startWithin");
        check.Require(schedule.SucceededKept is >= 0 and <= KeptMax, schedule.SucceededKept, $"0 to {KeptMax}", "succeededKept");
        check.Require(schedule.FailedKept is >= 0 and <= KeptMax, schedule.FailedKept, $"0 to {KeptMax}", "failedKept");
        Check(check, schedule.Run, "run.");
        return check.Fault;
    }

    public static Fault? CheckReplicas(int replicas) =>
        replicas is >= 0 and <= ReplicasMax ? null : Fault.Invalid("replicas", replicas, $"0 to {ReplicasMax}");

    public static Fault? CheckGrace(TimeSpan grace) =>
        grace >= TimeSpan.Zero && grace <= GraceMax ? null : Fault.Invalid("grace", grace, "0 to 1 hour");

    public static Fault? CheckName(string name) => Name().IsMatch(name) ? null : Fault.Invalid("name", name, NameExpected);

    /// <summary>A name that the cluster gave: it must not lead out of its place in a path.</summary>
    public static Fault? CheckObject(string name) => name.Length <= NameLengthMax && Object().IsMatch(name)
        ? null
        : Fault.Invalid("name", name, "the name of a replica or run as the cluster gave it");

    public static Fault? CheckLog(string replica, int tail) =>
        CheckObject(replica) ?? (tail is >= 0 and <= TailMax ? null : Fault.Invalid("tail", tail, $"0 to {TailMax}"));

    public static bool IsLabel(string text) => text.Length is >= 1 and <= 63 && Label().IsMatch(text);

    private static void Check(Validation check, JobWorkload job, string path)
    {
        check.Require(job.Retries is >= 0 and <= RetriesMax, job.Retries, $"0 to {RetriesMax}", $"{path}retries");
        check.Require(IsTime(job.Deadline, RunMax), job.Deadline, "1 second to 30 days", $"{path}deadline");
        check.Require(job.KeepFor >= TimeSpan.Zero && job.KeepFor <= RunMax, job.KeepFor, "0 to 30 days", $"{path}keepFor");
        Check(check, job.Template, $"{path}template");
    }

    private static void Check(Validation check, ReplicaTemplate template, string path)
    {
        var artifact = template.Artifact;
        var isImage = artifact.Uri.StartsWith(ImageScheme, StringComparison.Ordinal) && artifact.Uri.Length > ImageScheme.Length;
        var isFolder = Uri.TryCreate(artifact.Uri, UriKind.Absolute, out var uri) && uri.IsFile && uri.AbsolutePath.Length > 1;
        check.Require(isImage || isFolder, artifact.Uri, "oci://registry/name@sha256:… or file:///folder", $"{path}.artifact.uri");
        check.Require(isImage || artifact.Command.Length > 0, artifact.Command, "given for a folder", $"{path}.artifact.command");
        check.Require(artifact.Arguments.Count <= ArgumentsMax, artifact.Arguments.Count, $"at most {ArgumentsMax}", $"{path}.artifact.arguments");
        check.Require(template.Size.CpuMillis is >= 1 and <= 64_000, template.Size.CpuMillis, "1 to 64000", $"{path}.size.cpuMillis");
        check.Require(template.Size.MemoryMiB is >= 4 and <= 524_288, template.Size.MemoryMiB, "4 to 524288", $"{path}.size.memoryMiB");
        check.Require(template.Port is >= 1 and <= 65_535, template.Port, "1 to 65535", $"{path}.port");
        check.Require(template.Grace >= TimeSpan.Zero && template.Grace <= GraceMax, template.Grace, "0 to 1 hour", $"{path}.grace");
        check.Require(
            template.HealthPath is null || template.HealthPath.StartsWith('/'), template.HealthPath, "a path that begins with /", $"{path}.healthPath");
        check.Require(template.Environment.Count <= VariablesMax, template.Environment.Count, $"at most {VariablesMax}", $"{path}.environment");
        foreach (var (name, value) in template.Environment)
        {
            // The value may be a secret, so only the name is told.
            check.Require(
                Variable().IsMatch(name) && name != "PORT" && value is { Length: <= VariableLengthMax },
                null,
                $"a letter or _, then letters, digits or _, with at most {VariableLengthMax} characters, and not PORT",
                $"{path}.environment.{Shown(name)}");
        }

        foreach (var (name, value) in template.Requires ?? new Dictionary<string, string>())
        {
            check.Require(QualifiedName().IsMatch(name) && value.Length <= 63, value, "a label of nodes", $"{path}.requires.{Shown(name)}");
        }

        foreach (var key in template.Tolerates ?? [])
        {
            check.Require(QualifiedName().IsMatch(key), key, "the key of a taint", $"{path}.tolerates");
        }
    }

    private static string Shown(string name) => FieldFault.Of("", name, "").Value!;

    private static bool IsTime(TimeSpan time, TimeSpan max) => time >= TimeSpan.FromSeconds(1) && time <= max;

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,38}[a-z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Object();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,250}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^([a-z0-9.-]{1,200}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^[A-Za-z0-9*/,?-]{1,60}( [A-Za-z0-9*/,?-]{1,60}){4}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Cron();
}
