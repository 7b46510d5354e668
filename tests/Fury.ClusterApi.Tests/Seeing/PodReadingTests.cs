using System.Text.Json;
using Fury.ClusterApi.Contracts;
using Fury.ClusterApi.Kubernetes.Seeing;

namespace Fury.ClusterApi.Tests.Seeing;

public sealed class PodReadingTests
{
    private const string Since = "2026-03-01T12:00:00Z";
    private const string Later = "2026-03-01T12:00:09Z";

    [Fact]
    public void A_ready_pod_is_ready_with_address_port_and_time()
    {
        var replica = Read($$"""
            "spec": {"nodeName": "n1", "containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]},
            "status": {"phase": "Running", "podIP": "10.1.2.3", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "{{Later}}"}],
              "containerStatuses": [{"name": "app", "restartCount": 2, "state": {"running": {} } }]}
            """);

        Assert.Equal(ReplicaStage.Ready, replica.Stage);
        Assert.Equal(("n1", "10.1.2.3", 8080, 2), (replica.Node, replica.Address, replica.Port, replica.Restarts));
        Assert.Equal(DateTimeOffset.Parse(Later), replica.ReadyAt);
        Assert.Equal("0198c1b0-0000-7000-8000-000000000001", replica.Pool.ToString());
        Assert.Null(replica.Trouble);
    }

    [Theory]
    [InlineData("ErrImagePull", TroubleKind.ArtifactUnavailable)]
    [InlineData("ImagePullBackOff", TroubleKind.ArtifactUnavailable)]
    [InlineData("InvalidImageName", TroubleKind.ArtifactUnavailable)]
    [InlineData("CrashLoopBackOff", TroubleKind.CrashLoop)]
    [InlineData("CreateContainerConfigError", TroubleKind.CannotStart)]
    [InlineData("RunContainerError", TroubleKind.CannotStart)]
    public void A_waiting_container_says_why(string reason, TroubleKind kind)
    {
        var replica = Read($$"""
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Pending", "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "{{reason}}", "message": "no such thing"} } }]}
            """);

        Assert.Equal(ReplicaStage.Starting, replica.Stage);
        Assert.Equal(kind, replica.Trouble!.Kind);
        Assert.Contains("no such thing", replica.Trouble.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"terminated": {"reason": "OOMKilled"} }""", "{}", 3, 4)]
    [InlineData("""{"running": {} }""", """{"terminated": {"reason": "OOMKilled"} }""", 4, 4)]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"} }""", """{"terminated": {"reason": "OOMKilled"} }""", 3, 3)]
    [InlineData("""{"running": {} }""", """{"terminated": {"reason": "Error", "exitCode": 137} }""", 4, 0)]
    [InlineData("""{"running": {} }""", "{}", 0, 0)]
    public void An_end_for_want_of_memory_has_the_same_number_before_and_after_the_restart(string state, string last, int restarts, int end)
    {
        var replica = Read($$"""
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Running", "containerStatuses": [{"name": "app", "restartCount": {{restarts}}, "state": {{state}}, "lastState": {{last}} }]}
            """);

        Assert.Equal(end, replica.OutOfMemoryEnd);
    }

    [Fact]
    public void An_unschedulable_pod_has_the_schedulers_words()
    {
        var replica = Read("""
            "spec": {},
            "status": {"phase": "Pending",
              "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]}
            """);

        Assert.Equal(ReplicaStage.Pending, replica.Stage);
        Assert.Equal(new ReplicaTrouble(TroubleKind.Unschedulable, "No node takes it: 0/3 nodes are available"), replica.Trouble);
    }

    [Fact]
    public void A_crash_loop_by_memory_is_named_so()
    {
        var replica = Read("""
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Running", "containerStatuses": [{"restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
              "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}
            """);

        Assert.Equal((ReplicaStage.Unready, TroubleKind.OutOfMemory, 5), (replica.Stage, replica.Trouble!.Kind, replica.Restarts));
    }

    [Fact]
    public void One_that_was_ready_is_unready_and_one_that_never_was_starts()
    {
        Assert.Equal(ReplicaStage.Unready, WithReadySince(Later).Stage);
        Assert.Equal(TroubleKind.Unhealthy, WithReadySince(Later).Trouble!.Kind);
        Assert.Equal(ReplicaStage.Starting, WithReadySince(Since).Stage);
        Assert.Null(WithReadySince(Since).Trouble);
    }

    [Fact]
    public void A_pod_that_is_told_to_stop_is_stopping_though_it_still_answers() =>
        Assert.Equal(ReplicaStage.Stopping, PodReading.Read(JsonElement.Parse("""
            {"metadata": {"name": "p", "deletionTimestamp": "2026-03-01T12:00:00Z"}, "spec": {"nodeName": "n1"},
             "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
            """)).Stage);

    [Theory]
    [InlineData("\"reason\": \"Evicted\", \"message\": \"The node was low on memory\"", TroubleKind.Evicted)]
    [InlineData("\"reason\": \"DeadlineExceeded\"", TroubleKind.DeadlineExceeded)]
    [InlineData("\"reason\": \"NodeLost\"", TroubleKind.NodeLost)]
    [InlineData("\"containerStatuses\": [{\"state\": {\"terminated\": {\"exitCode\": 3}}}]", TroubleKind.Crashed)]
    [InlineData("\"message\": \"odd\"", TroubleKind.Crashed)]
    public void A_failed_pod_says_why(string status, TroubleKind kind)
    {
        var replica = Read($$"""
            "spec": {"nodeName": "n1"}, "status": {"phase": "Failed", {{status}} }
            """);

        Assert.Equal((ReplicaStage.Failed, kind), (replica.Stage, replica.Trouble!.Kind));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"metadata": null, "spec": 3, "status": {"conditions": {}, "containerStatuses": "x"}}""")]
    public void What_is_missing_or_odd_is_no_reason_to_fall_over(string pod) =>
        Assert.Equal(ReplicaStage.Pending, PodReading.Read(JsonElement.Parse(pod)).Stage);

    private static ClusterReplica WithReadySince(string since) => Read($$"""
        "spec": {"nodeName": "n1"},
        "status": {"phase": "Running", "containerStatuses": [{"started": true, "restartCount": 0, "state": {"running": {} } }],
          "conditions": [{"type": "Initialized", "status": "True", "lastTransitionTime": "{{Since}}"},
            {"type": "Ready", "status": "False", "lastTransitionTime": "{{since}}" }]}
        """);

    private static ClusterReplica Read(string rest) => PodReading.Read(JsonElement.Parse($$"""
        {"metadata": {"name": "p", "uid": "u", "labels": {"fury.io/pool": "0198c1b0-0000-7000-8000-000000000001"},
          "creationTimestamp": "{{Since}}" }, {{rest}} }
        """));
}
