using System.Text.Json;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Deployments.Contracts;

namespace Fury.Cli.Clusters;

/// <param name="Text">In one sentence.</param>
/// <param name="Decision">All that led to it.</param>
internal sealed record PlacementRecord(string Text, JsonElement Decision);

internal static class ExplainCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand(
            "explain",
            "Why the replicas of a scope are in the clusters where they are.",
            "fury explain -a hello -s production-web",
            "fury explain -a hello -s production-web -o json")
        .With(globals.Application, globals.Scope)
        .Runs(globals, async (call, cancellation) =>
        {
            var status = (await call.Api.Get(Routes.Status(call.Scope()), cancellation)).Read<ScopeStatus>();
            foreach (var pool in status.Pools)
            {
                var found = await call.Api.Find(Routes.Placement(pool.Id), cancellation);
                if (call.Json)
                {
                    call.Out.WriteLine(found?.Text ?? "null");
                    continue;
                }

                var why = found?.Read<PlacementRecord>().Text ?? "Each replica is an instance of its own; no cluster was chosen.";
                call.Out.WriteLine($"{pool.Version} at {pool.Location}: {Plain.Text(why)}");
            }

            if (status.Pools.Count == 0)
            {
                call.Error.WriteLine("Nothing runs there.");
            }
        });
}
