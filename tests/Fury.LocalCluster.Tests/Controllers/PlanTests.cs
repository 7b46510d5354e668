using System.Text.Json.Nodes;
using Cronos;

namespace Fury.LocalCluster.Tests;

/// <summary>What controllers decide, as pure functions.</summary>
public sealed class PlanTests
{
    private const string NotInB =
        """
        {"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[
         {"key":"zone","operator":"NotIn","values":["b"]}]}]}}}}
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 29, 0, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("100m", 0.1)]
    [InlineData("1.5", 1.5)]
    [InlineData("2", 2.0)]
    [InlineData("1Ki", 1024.0)]
    [InlineData("128Mi", 134217728.0)]
    [InlineData("1G", 1000000000.0)]
    [InlineData("1e3", 1000.0)]
    [InlineData("500u", 0.0005)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("1KiB", null)]
    [InlineData("1e400", null)]
    public void Quantities(string text, double? value) => Assert.Equal((decimal?)value, Quantity.Parse(text));

    [Theory]
    // completions, parallelism, backoff limit, suspended, deadline s, running s, active, succeeded, failed → create, end all, done, reason
    [InlineData(1, 1, 6, false, null, null, 0, 0, 0, 1, false, null, null)]
    [InlineData(5, 2, 6, false, null, 1, 0, 0, 0, 2, false, null, null)]
    [InlineData(5, 2, 6, false, null, 1, 1, 3, 0, 1, false, null, null)]
    [InlineData(5, 2, 6, false, null, 1, 1, 4, 0, 0, false, null, null)]
    [InlineData(5, 2, 6, false, null, 1, 0, 5, 0, 0, false, "Complete", null)]
    [InlineData(1, 1, 2, false, null, 1, 0, 0, 2, 1, false, null, null)]
    [InlineData(1, 1, 2, false, null, 1, 1, 0, 3, 0, true, "Failed", "BackoffLimitExceeded")]
    [InlineData(1, 1, 0, false, null, 1, 0, 0, 1, 0, true, "Failed", "BackoffLimitExceeded")]
    [InlineData(1, 1, 6, false, 10, 9, 1, 0, 0, 0, false, null, null)]
    [InlineData(1, 1, 6, false, 10, 10, 1, 0, 0, 0, true, "Failed", "DeadlineExceeded")]
    [InlineData(3, 3, 6, true, null, 1, 2, 0, 0, 0, true, null, null)]
    [InlineData(null, 3, 6, false, null, 1, 0, 0, 0, 3, false, null, null)]
    [InlineData(null, 3, 6, false, null, 1, 2, 1, 0, 0, false, null, null)]
    [InlineData(null, 3, 6, false, null, 1, 0, 1, 0, 0, false, "Complete", null)]
    public void A_job(
        int? completions, int parallelism, int backoff, bool suspended, int? deadline, int? running, int active, int succeeded, int failed,
        int create, bool endAll, string? done, string? reason)
    {
        TimeSpan? Seconds(int? value) => value is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var plan = Jobs.Plan(new(completions, parallelism, backoff, suspended, Seconds(deadline), Seconds(running), active, succeeded, failed));
        Assert.Equal((create, endAll, done, reason), (plan.Create, plan.EndAll, plan.Done, plan.Reason));
    }

    [Theory]
    // ready, used m, requested m, known, target %, current → desired
    [InlineData(4, 400, 400, 4, 50, 4, 8)]
    [InlineData(4, 200, 400, 4, 50, 4, 4)]
    [InlineData(4, 215, 400, 4, 50, 4, 4)]
    [InlineData(4, 100, 400, 4, 50, 4, 2)]
    [InlineData(4, 200, 200, 2, 50, 4, 4)]
    [InlineData(4, 20, 200, 2, 50, 4, 3)]
    [InlineData(4, 0, 0, 0, 50, 4, null)]
    public void An_autoscaler_asks_for(int ready, int used, int requested, int known, int percent, int current, int? desired)
    {
        var target = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percent };
        Assert.Equal(desired, Autoscaling.Desired(target, new(ready, used / 1000m, requested / 1000m, known), current));
    }

    [Theory]
    // behavior, current, desired, wishes of the last minute → allowed
    [InlineData("{}", 2, 50, null, 6)]
    [InlineData("{}", 10, 50, null, 20)]
    [InlineData("{}", 10, 11, null, 11)]
    [InlineData("{}", 10, 2, null, 2)]
    [InlineData("{}", 10, 2, 8, 8)]
    [InlineData("""{"scaleDown":{"stabilizationWindowSeconds":0}}""", 10, 2, 8, 2)]
    [InlineData("""{"scaleDown":{"policies":[{"type":"Pods","value":3,"periodSeconds":60}]}}""", 10, 2, null, 7)]
    [InlineData("""{"scaleDown":{"selectPolicy":"Disabled"}}""", 10, 2, null, 10)]
    [InlineData("""{"scaleUp":{"policies":[{"type":"Percent","value":10,"periodSeconds":60}]}}""", 10, 50, null, 11)]
    [InlineData("""{"scaleUp":{"stabilizationWindowSeconds":120}}""", 10, 15, 12, 12)]
    public void An_autoscaler_is_held_back(string behavior, int current, int desired, int? wished, int allowed)
    {
        var spec = new JsonObject { ["minReplicas"] = 1, ["maxReplicas"] = 40, ["behavior"] = JsonNode.Parse(behavior) };
        Recommended[] before = wished is { } replicas ? [new(Now - TimeSpan.FromSeconds(60), replicas)] : [];
        Assert.Equal(allowed, Autoscaling.Allowed(spec, current, desired, before, [], Now));
    }

    [Fact]
    public void What_an_autoscaler_has_just_done_counts_against_its_policy()
    {
        var spec = new JsonObject
        {
            ["maxReplicas"] = 40,
            ["behavior"] = JsonNode.Parse("""{"scaleUp":{"policies":[{"type":"Pods","value":4,"periodSeconds":60}]}}"""),
        };
        Assert.Equal(13, Autoscaling.Allowed(spec, 12, 40, [], [new(Now - TimeSpan.FromSeconds(30), 3)], Now));
        Assert.Equal(16, Autoscaling.Allowed(spec, 12, 40, [], [new(Now - TimeSpan.FromSeconds(90), 3)], Now));
    }

    [Fact]
    public void After_a_gap_only_the_last_missed_time_counts()
    {
        var (missed, next) = CronJobs.Times(CronExpression.Parse("*/10 * * * *"), TimeZoneInfo.Utc, Now - TimeSpan.FromHours(5), Now);
        Assert.Equal((Now, Now + TimeSpan.FromMinutes(10)), (missed!.Value, next!.Value));
    }

    [Fact]
    public void A_schedule_follows_its_zone_over_the_change_of_the_clocks()
    {
        // On this day 02:30 does not exist in Berlin; what is due then runs at 03:00.
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var (_, next) = CronJobs.Times(CronExpression.Parse("30 2 * * *"), berlin, Now, Now);
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), next!.Value.ToUniversalTime());
    }

    [Theory]
    [InlineData("100m", null, "node-b")]
    [InlineData("3", null, "node-b")]
    [InlineData("5", null, "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 Insufficient cpu.")]
    [InlineData("100m", """{"nodeSelector":{"zone":"a"}}""", "node-a")]
    [InlineData("100m", """{"nodeSelector":{"zone":"x"}}""",
        "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 node(s) didn't match Pod's node affinity/selector.")]
    [InlineData("5", """{"tolerations":[{"key":"dedicated","operator":"Exists"}]}""", "node-c")]
    [InlineData("100m", NotInB, "node-a")]
    public void A_pod_is_placed_or_told_why_not(string cpu, string? spec, string expected)
    {
        NodeFacts[] nodes =
        [
            Node("node-a", "a", 4000), Node("node-b", "b", 4000), Node("node-c", "c", 8000) with { Taints = [new("dedicated", "gpu", "NoSchedule")] },
        ];
        var pod = new JsonObject { ["spec"] = JsonNode.Parse(spec ?? "{}") };
        var facts = new PodFacts(null, "Pending", false, Guid.Empty, (int)(Quantity.Parse(cpu)!.Value * 1000), 0);
        var placed = Scheduling.Place(pod, facts, nodes, name => name == "node-a" ? new(1, 500, 0) : default);
        Assert.Equal(expected, placed.Node ?? placed.Why);
    }

    [Fact]
    public void A_full_node_and_no_node_are_told()
    {
        var facts = new PodFacts(null, "Pending", false, Guid.Empty, 1, 1);
        Assert.Equal("no nodes available to schedule pods", Scheduling.Place([], facts, [], _ => default).Why);
        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient memory, 1 Too many pods.",
            Scheduling.Place([], facts with { MemoryBytes = long.MaxValue / 2 }, [Node("a", "a", 100)], _ => new(110, 0, 0)).Why);
    }

    [Theory]
    [InlineData("Always", "0", "Running")]
    [InlineData("OnFailure", "0", "Succeeded")]
    [InlineData("OnFailure", "1", "Running")]
    [InlineData("Never", "0 1", "Failed")]
    [InlineData("Never", "0 0", "Succeeded")]
    [InlineData("Never", "0 -", "Running")]
    [InlineData("Always", "- -", "Pending")]
    public void The_phase_of_a_pod(string restart, string codes, string phase)
    {
        var states = codes.Split(' ').Select(code => code == "-"
            ? new ContainerState("c", "i")
            : new ContainerState("c", "i") { Ended = new(int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), "", null, Now, Now) });
        Assert.Equal(phase, ContainerState.Phase([.. states], restart));
    }

    private static NodeFacts Node(string name, string zone, int cpu) =>
        new(name, false, [], [KeyValuePair.Create("zone", zone)], new(110, cpu, 1L << 34));
}
