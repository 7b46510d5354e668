using System.CommandLine;
using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;
using Fury.Kernel;

namespace Fury.Cli.Clusters;

internal sealed record NodeRecord(
    string Name, string? Zone, string? Shape, bool IsReady, bool IsOpen, InstanceSize Allocatable, InstanceSize? Requested, int? Replicas, int? ReplicasMax);

internal sealed record CapacityRecord(
    IReadOnlyList<NodeRecord> Nodes, InstanceSize Allocatable, InstanceSize Requested, InstanceSize LargestHole, DateTimeOffset At);

internal static class CapacityCommand
{
    public static FuryCommand Create(Globals globals)
    {
        var cluster = new Argument<string?>("CLUSTER") { Description = "Node by node. Otherwise every cluster, a line each.", Arity = ArgumentArity.ZeroOrOne };
        return new FuryCommand(
                "capacity",
                "What clusters have, what is asked of them, and the largest replica that still fits.",
                "fury capacity",
                "fury capacity prod-a")
            .With(cluster)
            .Runs(globals, async (call, cancellation) =>
            {
                if (call.Value(cluster) is { } name)
                {
                    await Nodes(call, name, cancellation);
                    return ExitCode.Ok;
                }

                return await All(call, cancellation);
            });
    }

    /// <summary>A cluster that can't be counted hides none of the others; the exit code tells that there is one.</summary>
    private static async Task<int> All(Invocation call, CancellationToken cancellation)
    {
        var clusters = await Registered(call, cancellation);
        var table = new TextTable("CLUSTER", "NODES", "HAS", "ASKED", "LARGEST HOLE", "AT");
        var exitCode = ExitCode.Ok;
        foreach (var one in clusters)
        {
            try
            {
                Tell(call, table, one.Name, await call.Api.Find(Routes.Capacity(one.Name), cancellation));
            }
            catch (CommandFailure failure) when (failure.ExitCode == ExitCode.Failed)
            {
                call.Error.WriteLine(Plain.Text($"{one.Name}: {string.Join(' ', [failure.Message, .. failure.Lines])}"));
                exitCode = ExitCode.Failed;
            }
        }

        if (clusters.Count == 0)
        {
            call.Error.WriteLine("No cluster is registered; 'fury cluster add' does.");
        }
        else if (!call.Json)
        {
            table.Write(call.Out);
        }

        return exitCode;
    }

    private static async Task<List<ClusterRecord>> Registered(Invocation call, CancellationToken cancellation)
    {
        var all = new List<ClusterRecord>();
        string? next = null;
        do
        {
            var after = next is null ? [] : new[] { $"after={Uri.EscapeDataString(next)}" };
            var answer = await call.Api.Get(Routes.With(Routes.Clusters, [$"limit={PageQuery.LimitMax}", .. after]), cancellation);
            var page = answer.Read<Page<ClusterRecord>>();
            all.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);

        return all;
    }

    /// <param name="found">Null: the host knows nothing of what it has.</param>
    private static void Tell(Invocation call, TextTable table, string cluster, Answer? found)
    {
        if (call.Json)
        {
            var capacity = found is null ? null : JsonNode.Parse(found.Body);
            call.Out.WriteLine(new JsonObject { ["cluster"] = cluster, ["capacity"] = capacity }.ToJsonString());
        }
        else if (found?.Read<CapacityRecord>() is { } has)
        {
            table.Row(cluster, $"{has.Nodes.Count}", Size(has.Allocatable), Size(has.Requested), Size(has.LargestHole), Plain.Time(has.At));
        }
        else
        {
            table.Row(cluster, null, null, null, null, null);
        }
    }

    private static async Task Nodes(Invocation call, string cluster, CancellationToken cancellation)
    {
        var answer = await call.Api.Get(Routes.Capacity(cluster), cancellation);
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var table = new TextTable("NODE", "ZONE", "SHAPE", "STATE", "HAS", "ASKED", "REPLICAS");
        foreach (var node in answer.Read<CapacityRecord>().Nodes)
        {
            var state = (node.IsReady, node.IsOpen) switch
            {
                (false, _) => "away",
                (_, false) => "closed",
                _ => "open",
            };
            table.Row(
                node.Name, node.Zone, node.Shape, state, Size(node.Allocatable), node.Requested is { } asked ? Size(asked) : null,
                node.Replicas is { } replicas ? $"{replicas}/{node.ReplicasMax}" : null);
        }

        table.Write(call.Out);
    }

    private static string Size(InstanceSize size) => $"{size.CpuMillis}m {size.MemoryMiB}MiB";
}
