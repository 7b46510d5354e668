using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Deployments;

/// <summary>What to deploy, how and where: the same for a deployment and for its plan.</summary>
internal sealed class WishOptions(Globals globals)
{
    private readonly Argument<string?> _version = globals.Version(
        "The version to run. Otherwise the one of fury.yaml, or with --configuration the one that the scope runs.", optional: true);

    private readonly Option<string> _strategy = new Option<string>("--strategy")
    {
        Description = "all-in: all traffic as soon as it is ready. blue-green: beside the current one, judged, then baked. canary: by steps. safe: by "
            + "steps that evidence leaves, one location before the others. migration: the same release to another location.",
        DefaultValueFactory = _ => "blue-green",
    }.AcceptOnlyFromAmong("all-in", "blue-green", "canary", "safe", "migration");

    private readonly Option<string[]> _steps = new("--step")
    {
        Description = "Instead of the strategy's own steps, once for each: the weight, when it is left, how long at least. The last one is 100.",
        HelpName = "\"WEIGHT [timed|manual|evidence] [SPAN]\"",
    };

    private readonly Option<string[]> _locations = new("--location")
    {
        Description = "Of a first deployment, once for each: where it is to run, and its percent of the traffic.",
        HelpName = "PROVIDER/REGION/GROUP[=SHARE]",
    };

    private readonly Option<bool> _configuration = new("--configuration")
    {
        Description = "The version that the scope runs, with its settings as they are now.",
    };

    private readonly Option<string?> _from = new("--from") { Description = "Of a migration: the location that is left.", HelpName = "PROVIDER/REGION/GROUP" };
    private readonly Option<string?> _to = new("--to") { Description = "Of a migration: where it goes.", HelpName = "PROVIDER/REGION/GROUP" };

    private readonly Option<decimal?> _ratio = new("--replica-ratio")
    {
        Description = "Of a migration: how many replicas there do the work of one here, 0.1 to 10.",
        HelpName = "N",
    };

    private readonly Option<FileInfo?> _file = new("--file")
    {
        Description = "A document of the API's request in JSON instead of the options above; only the version and the scope are given beside it.",
        HelpName = "FILE",
    };

    private readonly Admission _admission = new();

    public FuryCommand AddTo(FuryCommand command) => command
        .With(_version, _strategy, _steps, _locations, _configuration, _from, _to, _ratio, _file)
        .With(_admission.Options)
        .With(globals.Application, globals.Scope, globals.By);

    public string Key(Invocation call) => _admission.Key(call);

    public DeploymentRequest Read(Invocation call)
    {
        var isNamed = !call.Value(_configuration) && call.Value(_strategy) != "migration";
        var version = isNamed ? call.Version(call.Value(_version)).Version.Value : null;
        return call.Value(_file) is { } file
            ? RequestFile.Read<DeploymentRequest>(file) with { Version = version }
            : new DeploymentRequest(version, call.Value(_strategy), _admission.Policy(call), _admission.WhenBusy(call))
            {
                Steps = call.Value(_steps) is { Length: > 0 } steps ? [.. steps.Select(StepText.Read)] : null,
                Locations = call.Value(_locations) is { Length: > 0 } places ? [.. places.Select(StepText.Place)] : null,
                From = call.Value(_from),
                To = call.Value(_to),
                ReplicaRatio = call.Value(_ratio),
                By = call.By,
            };
    }
}
