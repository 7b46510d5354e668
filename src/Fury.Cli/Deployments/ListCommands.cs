using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

internal static class ListCommands
{
    public static FuryCommand Releases(Globals globals) => new FuryCommand(
            "releases",
            "What the scope has been made to run: version, configuration and size, frozen.",
            "fury releases -a hello -s production-web")
        .With(globals.Application, globals.Scope)
        .Lists<Release>(
            globals,
            call => Routes.Releases(call.Scope()),
            _ => "No releases yet: nothing was deployed to this scope.",
            ["RELEASE", "VERSION", "REPLICAS", "SIZE", "CREATED"],
            one =>
            [
                one.Id.Value, one.Version.Value, $"{one.MinReplicas} to {one.MaxReplicas}",
                $"{one.Size.CpuMillis}m {one.Size.MemoryMiB}MiB", Plain.Time(one.CreatedAt),
            ],
            ("COMPUTE", one => Word.Of(one.Compute)),
            ("ARTIFACT", one => one.Artifact.Digest),
            ("HEALTH PATH", one => one.HealthPath),
            ("ENVIRONMENT", one => Versions.Variables.Line(one.Environment)));

    public static FuryCommand Deployments(Globals globals) => new FuryCommand(
            "deployments",
            "The scope's deployments, newest first.",
            "fury deployments -a hello -s production-web --limit 10")
        .With(globals.Application, globals.Scope)
        .Lists<Deployment>(
            globals,
            call => Routes.Deployments(call.Scope()),
            _ => "No deployments yet. Begin one: fury deploy VERSION",
            ["DEPLOYMENT", "VERSION", "STRATEGY", "PHASE", "CREATED", "TOOK", "REASON"],
            one =>
            [
                one.Id.ToString(), one.Version.Value, Word.Of(one.Strategy), Word.Of(one.Phase), Plain.Time(one.CreatedAt),
                one.EndedAt is { } end ? Plain.Seconds(end - one.CreatedAt) : null, one.Reason,
            ],
            ("RELEASE", one => one.To.Value),
            ("FROM", one => one.From?.Value),
            ("ENDED", one => one.EndedAt is { } end ? Plain.Time(end) : null));
}
