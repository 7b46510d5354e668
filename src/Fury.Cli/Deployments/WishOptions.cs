using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Project;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Deployments;

/// <summary>What to deploy, how and where: the same for a deployment and for its plan.</summary>
internal sealed class WishOptions(Globals globals)
{
    /// <summary>The strategy where neither the command line nor the file names one.</summary>
    private const string Usual = "blue-green";

    private readonly Argument<string?> _version = globals.Version(
        "The version to run. Otherwise the one of fury.yaml, or with --configuration the one that the scope runs.", optional: true);

    private readonly Option<string> _strategy = new Option<string>("--strategy")
    {
        Description = "all-in: all traffic as soon as it is ready. blue-green: beside the current one, judged, then baked. canary: by steps. safe: by "
            + "steps that evidence leaves, one location before the others. migration: the same release to another location.",
        DefaultValueFactory = _ => Usual,
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

    /// <summary>What the options say; where they say nothing, what <c>fury.yaml</c> says of the scope.</summary>
    public DeploymentRequest Read(Invocation call)
    {
        var said = call.Value(_file) is null ? call.DeployDefaults(call.Scope()) : null;
        var usual = said?.Deserialize<DeploymentRequest>(FuryJson.Options) ?? new(null, null);
        var own = usual.Strategy ?? Usual;
        var strategy = call.Given(_strategy) ? call.Value(_strategy) : own;
        var isNamed = !call.Value(_configuration) && strategy != "migration";
        var version = isNamed ? call.Version(call.Value(_version)).Version.Value : null;
        if (call.Value(_file) is { } file)
        {
            return RequestFile.Read<DeploymentRequest>(file) with { Version = version };
        }

        usual = strategy == own ? usual : Elsewhere(usual);
        return new DeploymentRequest(version, strategy, Merged(usual.Policy, _admission.Policy(call)), _admission.WhenBusy(call) ?? usual.WhenBusy)
        {
            Steps = call.Value(_steps) is { Length: > 0 } steps ? [.. steps.Select(StepText.Read)] : usual.Steps,
            Locations = call.Value(_locations) is { Length: > 0 } places ? [.. places.Select(StepText.Place)] : usual.Locations,
            From = call.Value(_from) ?? usual.From,
            To = call.Value(_to) ?? usual.To,
            ReplicaRatio = call.Value(_ratio) ?? usual.ReplicaRatio,
            By = call.By,
        };
    }

    /// <summary>Steps, and how long they take, belong to a strategy: what the file says of one is nothing for another.</summary>
    private static DeploymentRequest Elsewhere(DeploymentRequest usual) => usual with
    {
        Policy = usual.Policy is { } policy ? policy with { JudgeSeconds = null, BakeSeconds = null } : null,
        Steps = null,
        From = null,
        To = null,
        ReplicaRatio = null,
    };

    private static PolicyRequest? Merged(PolicyRequest? usual, PolicyRequest? given)
    {
        if (usual is null || given is null)
        {
            return given ?? usual;
        }

        var merged = Differences.Merge(PolicyShape.Policy, Json(given), Json(usual));
        return merged.Deserialize<PolicyRequest>(FuryJson.Options);
    }

    private static JsonNode Json(PolicyRequest policy) => JsonSerializer.SerializeToNode(policy, FuryJson.Options)!;
}
