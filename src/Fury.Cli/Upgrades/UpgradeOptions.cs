using System.CommandLine;
using System.CommandLine.Completions;
using Fury.Cli.CommandLine;
using Fury.Cli.Completion;

namespace Fury.Cli.Upgrades;

/// <summary>What an upgrade is to be: the options of <c>fury upgrade plan</c> and <c>start</c>. What is not given the host decides.</summary>
internal sealed class UpgradeOptions
{
    private readonly Globals _globals;

    private readonly Option<string> _version = new("--to")
    {
        Description = "The version that control planes get: major and minor, one minor further than they are.",
        HelpName = "VERSION",
        Required = true,
    };

    private readonly Option<string[]> _clusters = new("--cluster")
    {
        Description = "A registered cluster; repeat it for each. Otherwise every one that takes work and does not have the version.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _inPlace = new("--in-place") { Description = "Clusters are not emptied before." };

    private readonly Option<int?> _concurrent = new("--concurrent")
    {
        Description = "So many are emptied or upgraded at once at most, 1 to 50; in each region it is one. Otherwise 2.",
        HelpName = "N",
    };

    private readonly Option<int?> _stopAfter = new("--stop-after") { Description = "At so many failures it stops, 1 to 500. Otherwise 1.", HelpName = "N" };

    private readonly Option<int?> _soak = Spans.Option("--soak", "How long a cluster must have been well before it counts. Otherwise 24h.");

    private readonly Option<int?> _deadline = Spans.Option("--deadline", "For emptying a cluster, and again for its provider to upgrade it. Otherwise 2h.");

    public UpgradeOptions(Globals globals)
    {
        _globals = globals;
        _clusters.CompletionSources.Add((CompletionContext context) => Names.Clusters(context, globals));
    }

    public IEnumerable<Option> All => [_version, _clusters, _inPlace, _concurrent, _stopAfter, _soak, _deadline, _globals.By];

    /// <summary>The request, as the API takes it.</summary>
    public object Read(Invocation call, string name) => new
    {
        Name = name,
        call.By,
        Version = call.Value(_version),
        Clusters = call.Value(_clusters) is { Length: > 0 } named ? named : null,
        EmptyFirst = call.Value(_inPlace) ? false : (bool?)null,
        MaxConcurrent = call.Value(_concurrent),
        StopAfter = call.Value(_stopAfter),
        SoakSeconds = call.Value(_soak),
        DeadlineSeconds = call.Value(_deadline),
    };
}
