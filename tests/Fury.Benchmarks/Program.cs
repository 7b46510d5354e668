using Fury.Benchmarks;
using Fury.Benchmarks.Autoscaling;
using Fury.Benchmarks.Day;
using Fury.Benchmarks.Deploy;
using Fury.Benchmarks.Evacuation;
using Fury.Benchmarks.Fleets;
using Fury.Benchmarks.Instances;
using Fury.Benchmarks.Judging;
using Fury.Benchmarks.Lists;
using Fury.Benchmarks.Monster;
using Fury.Benchmarks.Placement;
using Fury.Benchmarks.Rollouts;
using Fury.Benchmarks.Sdk;
using Fury.Benchmarks.Sidecar;
using Fury.Benchmarks.Start;
using Fury.Benchmarks.Xds;

Bench[] benches =
[
    new("start", "seconds from './dev up' to healthy, with a new and with an existing data folder", (output, _, stop) => StartBench.Run(output, stop)),
    new("deploy", "the platform's own share of an all-in deployment of one local instance", (output, _, stop) => DeployBench.Run(output, stop)),
    new("sidecar", "requests/s and latency: a backend directly, by the sidecar, YARP, HAProxy, nginx", (output, _, stop) => SidecarBench.Run(output, stop)),
    new("monster", "durable sagas: rate against PostgreSQL's own and against peers, waiting, takeover, readers, size", MonsterBench.Run)
    {
        Words = MonsterBench.Words,
    },
    new("xds", "the control plane: CPU, time and bytes of a push to thousands of proxies, and the memory of their streams", XdsBench.Run)
    {
        Words = XdsBench.Words,
    },
    new(
        "judge",
        "thousands of simulated deployments: false rollbacks, time to find and to certify, beside threshold judges; folds a second and bytes of state",
        (output, _, stop) => JudgeBench.Run(output, stop)),
    new(
        "rollouts",
        "5,000 Safe deployments in flight on one host: lateness of their ticks, processor and memory, time to go back, and a cold restart",
        (output, _, stop) => RolloutsBench.Run(output, stop)),
    new(
        "day",
        "19,000 deployments of a day in made-up time, 3 % of them bad: what is found, how soon, at what price, and what is taken back wrongly",
        (output, _, stop) => DayBench.Run(output, stop)),
    new(
        "autoscaler",
        "30,000 scopes evaluated in a tick on one core; days of load by it and by a reactive autoscaler: seconds short of capacity, instance-hours",
        (output, _, stop) => AutoscalerBench.Run(output, stop)),
    new("instances", "10,000 instances over 3 clouds and 9 regions: time to healthy beside what rate limits allow, describe calls a minute", InstancesBench.Run)
    {
        Words = [InstancesBench.Short],
    },
    new(
        "placement",
        "placement into 500 clusters with all constraints on, growth with the fleet, a platform planned anew; beside a greedy placer",
        (output, _, stop) => PlacementBench.Run(output, stop)),
    new(
        "evacuation",
        "3,000 workloads of a dead cluster: planned, promised in PostgreSQL, dispatched",
        (output, _, stop) => EvacuationBench.Run(output, stop)),
    new(
        "fleet",
        "one host over 100 clusters with 130,000 pods: its memory, a pod's change until proxies have it, and a cold start",
        (output, _, stop) => FleetBench.Run(output, stop)),
    new(
        "lists",
        "lists and search over 30,000 applications and 1,000,000 deployments at 200 requests/s, for one who sees 1 % of them",
        (output, _, stop) => ListsBench.Run(output, stop)),
    new(
        "watchers",
        "5,000 streams of events from one host: its memory, and the time from an event to all",
        (output, _, stop) => WatchersBench.Run(output, stop)),
    new("sdk", "what the portable layer of Fury.Sdk costs a key-value get, over the local provider", (output, _, stop) => SdkBench.Run(output, stop)),
];

// A benchmark runs parts of itself as processes of their own, so that what is measured does not share a heap with what measures.
if (args is ["part", var part, .. var rest])
{
    return part == XdsPlane.Name ? await XdsPlane.Run(rest)
        : part == RolloutsPart.Name ? await RolloutsPart.Run(rest)
        : part.StartsWith("monster-", StringComparison.Ordinal) ? await MonsterParts.Run(part, rest)
        : await Parts.Run(part, rest);
}

var json = args.Contains("--json");
var name = args.FirstOrDefault(arg => !arg.StartsWith('-'));
if (name is null)
{
    foreach (var each in benches)
    {
        Console.WriteLine($"{each.Name,-10} {each.About}{(each.Words.Count > 0 ? $"; {string.Join(", ", each.Words)}" : "")}");
    }

    return 0;
}

if (benches.FirstOrDefault(each => each.Name == name) is not { } bench)
{
    await Console.Error.WriteLineAsync($"There is no benchmark '{name}'. There are: {string.Join(", ", benches.Select(each => each.Name))}.");
    return 2;
}

string[] words = [.. args.Where(arg => arg != name && arg != "--json")];
if (words.Except(bench.Words).FirstOrDefault() is { } unknown)
{
    await Console.Error.WriteLineAsync($"'{name}' knows no '{unknown}'. It knows: {string.Join(", ", bench.Words.DefaultIfEmpty("nothing"))}.");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};
var result = await bench.Run(Console.Out, words, stop.Token);
if (json)
{
    Console.WriteLine(result.ToJson());
}
else
{
    result.WriteTable(Console.Out);
}

return 0;
