using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;

namespace Fury.Cli.Clusters;

/// <param name="Health">As the host that places sees it; null on another host.</param>
internal sealed record ClusterRecord(
    string Name, string Provider, string Region, IReadOnlyList<string> Zones, string Criticality, string Phase, string? Health, string? Why, string Access);

internal static class ClusterCommand
{
    public static FuryCommand Create(Globals globals) => new FuryCommand("cluster", "Clusters that replicas of compute kind serverless run in.")
        .With(List(globals), Add(globals), Remove(globals));

    private static FuryCommand List(Globals globals) =>
        new FuryCommand("list", "Every cluster, and how it is.", "fury cluster list").Lists<ClusterRecord>(
            globals,
            _ => Routes.Clusters,
            _ => "No cluster is registered; 'fury cluster add' does.",
            ["CLUSTER", "LOCATION", "ZONES", "CRITICALITY", "PHASE", "HEALTH", "ACCESS", "WHY"],
            one =>
            [
                one.Name, $"{one.Provider}/{one.Region}", string.Join(", ", one.Zones), one.Criticality, one.Phase, one.Health, one.Access, one.Why,
            ]);

    private static FuryCommand Add(Globals globals)
    {
        var name = Named("The cluster's name on the platform.");
        var provider = new Option<string>("--provider") { Description = "The first part of its location.", HelpName = "NAME", Required = true };
        var region = new Option<string>("--region") { Description = "The second part of its location.", HelpName = "NAME", Required = true };
        var zones = new Option<string[]>("--zone") { Description = "A zone that its nodes can be in; repeat it for each.", HelpName = "NAME" };
        var criticality = new Option<string?>("--criticality") { Description = "What it is kept for; anything when left out." }
            .AcceptOnlyFromAmong("any", "low", "medium", "high", "critical");
        var workloads = new Option<string[]>("--workload") { Description = "A kind of work that it is kept for; repeat it for each." }
            .AcceptOnlyFromAmong("web", "worker", "job");
        var taints = new Option<string[]>("--taint") { Description = "Only what tolerates it comes here; repeat it for each.", HelpName = "NAME" };
        var phase = new Option<string?>("--phase") { Description = "Whether it takes work." }.AcceptOnlyFromAmong("joining", "active", "draining");
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "Its access document, at the same path on every host; without it, the access given to what runs inside.",
            HelpName = "FILE",
        };
        var managed = new Option<string?>("--managed")
        {
            Description = "Its name at its provider, which says where it answers and who Fury is to it; instead of --kubeconfig.",
            HelpName = "NAME",
        };
        var context = new Option<string?>("--context") { Description = "Which of the document's contexts.", HelpName = "NAME" };
        return new FuryCommand(
                "add",
                "Registers a cluster, or changes what is known of it.",
                "fury cluster add local --provider local --region this-machine --kubeconfig ~/.kube/config")
            .With(name, provider, region, zones, criticality, workloads, taints, phase, kubeconfig, context, managed)
            .Runs(globals, async (call, cancellation) =>
            {
                var wish = new
                {
                    Provider = call.Value(provider),
                    Region = call.Value(region),
                    Zones = call.Value(zones) is { Length: > 0 } named ? named : null,
                    Criticality = call.Value(criticality),
                    WorkloadTypes = call.Value(workloads),
                    Taints = call.Value(taints),
                    Phase = call.Value(phase),
                    Kubeconfig = call.Value(kubeconfig) is { } file ? Path.GetFullPath(file) : null,
                    Context = call.Value(context),
                    Managed = call.Value(managed),
                };
                var answer = await call.Api.Put(Routes.Cluster(call.Value(name)!), wish, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"Cluster {answer.Read<ClusterRecord>().Name} is registered.");
            });
    }

    private static FuryCommand Remove(Globals globals)
    {
        var name = Named("The cluster's name.");
        return new FuryCommand("remove", "Forgets a cluster in which no pool and no run has replicas. Nothing in it is touched.", "fury cluster remove old")
            .With(name)
            .Runs(globals, async (call, cancellation) =>
            {
                await call.Api.Delete(Routes.Cluster(call.Value(name)!), cancellation);
                call.Out.WriteLine($"Cluster {call.Value(name)} is forgotten.");
            });
    }

    private static Argument<string> Named(string description) => new("NAME") { Description = description };
}
