using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Clusters;

/// <param name="Version">Null: the agents do not say.</param>
internal sealed record AgentVersionRecord(string? Version, string Scope, int Instances, DateTimeOffset OldestAt);

internal static class AgentCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("agent", "The agents inside of instances.").With(Versions(globals));

    private static FuryCommand Versions(Globals globals) => new FuryCommand(
            "versions",
            "Which versions of the agent run in the instances of each scope. An agent without one is older than those that say it, or is silent.",
            "fury agent versions",
            "fury agent versions -o json --limit 500")
        .Lists<AgentVersionRecord>(
            globals,
            _ => Routes.AgentVersions,
            _ => "No instance has an agent.",
            ["SCOPE", "AGENT", "INSTANCES"],
            one => [one.Scope, one.Version, $"{one.Instances}"],
            ("OLDEST", one => Plain.Time(one.OldestAt)));
}
