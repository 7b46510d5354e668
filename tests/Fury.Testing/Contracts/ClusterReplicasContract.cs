using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>What a cluster keeps that really runs its replicas, besides <see cref="ClusterApiContract"/>.</summary>
public abstract class ClusterReplicasContract : ClusterApiContract
{
    /// <summary>Of the right form, and not there.</summary>
    protected abstract Artifact MissingArtifact { get; }

    /// <summary>Keeps a CPU busy until it is told to stop.</summary>
    protected abstract Artifact Busy { get; }

    /// <summary>Writes a line and ends with this code.</summary>
    protected abstract Artifact Ending(int code);

    [Fact]
    public async Task An_artifact_that_does_not_exist_is_named_as_the_reason()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish with { Template = wish.Template with { Artifact = MissingArtifact } });

        await Until(() => view.Of(wish.Id).Any(replica => replica.Trouble?.Kind == TroubleKind.ArtifactUnavailable));

        var replica = view.Of(wish.Id)[0];
        Assert.NotEqual(ReplicaStage.Ready, replica.Stage);
        Assert.StartsWith("The artifact cannot be fetched", replica.Trouble!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_that_fits_nowhere_waits_with_the_reason()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish with { Template = wish.Template with { Size = new InstanceSize(64_000, 500_000) } });

        await Until(() => view.Of(wish.Id).Any(replica => replica.Trouble?.Kind == TroubleKind.Unschedulable));

        Assert.Equal(ReplicaStage.Pending, view.Of(wish.Id)[0].Stage);
        await Until(async () => (await Api.Events(Here, view.Of(wish.Id)[0].Name, default)).Value.Any(news => news.IsWarning));
    }

    [Fact]
    public async Task What_a_replica_writes_can_be_read()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish);
        await Until(() => view.Ready(wish.Id) == 1);

        var name = view.Of(wish.Id)[0].Name;
        await Until(async () => await (await Api.Logs(Here, name, 10, follow: false, default)).Value.Lines.AnyAsync());

        Assert.Equal(FaultKind.NotFound, (await Api.Logs(Here, "not-there", 10, follow: false, default)).Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Api.Logs(Stranger, name, 10, follow: false, default)).Fault?.Kind);
    }

    [Fact]
    public async Task A_process_that_ends_again_and_again_is_counted_and_named()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish with { Template = wish.Template with { Artifact = Ending(3) } });

        await Until(() => view.Of(wish.Id).Any(replica => replica.Trouble?.Kind is TroubleKind.CrashLoop or TroubleKind.Crashed && replica.Restarts > 0));
    }

    [Fact]
    public async Task What_a_replica_uses_is_measured()
    {
        await using var view = new ClusterView(Api, Here);
        var wish = Workload();
        await Applied(wish with { Template = wish.Template with { Artifact = Busy } });
        await Until(() => view.Ready(wish.Id) == 1);

        var name = view.Of(wish.Id)[0].Name;
        await Until(async () => (await Api.Usage(Here, default)).Value.Any(usage => usage.Replica == name && usage is { CpuSeconds: > 0.5, MemoryBytes: > 0 }));
    }

    [Theory]
    [InlineData(0, JobPhase.Succeeded)]
    [InlineData(3, JobPhase.Failed)]
    public async Task A_job_ends_as_its_process_does(int code, JobPhase phase)
    {
        var job = Job();
        await Api.RunJob(Here, job with { Template = job.Template with { Artifact = Ending(code) } }, default);

        await Until(async () => (await Api.FindJob(Here, job.Name, default)).Value.Phase == phase);

        var ended = (await Api.FindJob(Here, job.Name, default)).Value;
        Assert.NotNull(ended.EndedAt);
        Assert.Equal(phase == JobPhase.Failed, ended.Reason is not null);
        await Api.RemoveJob(Here, job.Name, default);
    }
}
