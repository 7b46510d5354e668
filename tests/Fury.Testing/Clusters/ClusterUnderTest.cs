using System.Runtime.CompilerServices;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>The cluster that a conformance suite looks at, and what its tests have in common.</summary>
public abstract class ClusterUnderTest : IAsyncLifetime
{
    protected static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly List<PoolId> _pools = [];

    protected abstract IClusterApi Api { get; }

    /// <summary>How the cluster is reached, with an owner mark that nobody else uses at the same time.</summary>
    protected abstract ClusterAccess Access { get; }

    /// <summary>Something that can be started there and runs until it is told to stop.</summary>
    protected abstract Artifact Artifact { get; }

    protected ClusterName Here { get; } = ClusterName.Parse("under-test");

    /// <summary>The same cluster, seen by another platform.</summary>
    protected ClusterName Stranger { get; } = ClusterName.Parse("seen-by-a-stranger");

    /// <summary>Does what the cluster's own machinery would do for replicas, where there is none; called while something is waited for.</summary>
    protected virtual Task Tend() => Task.CompletedTask;

    public virtual async Task InitializeAsync()
    {
        Assert.True((await Api.Connect(Here, Access, default)).IsOk);
        Assert.True((await Api.Connect(Stranger, Access with { Owner = $"{Access.Owner}-stranger" }, default)).IsOk);
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var pool in _pools)
        {
            await Api.Remove(Here, pool, TimeSpan.Zero, default);
        }
    }

    protected PoolWorkload Workload(int replicas = 1, PoolScaling? scaling = null)
    {
        var id = PoolId.New(TimeProvider.System);
        _pools.Add(id);
        var marks = new WorkloadMarks(ScopeRef.Parse("conformance/test-suite"), ReleaseId.Parse("9f2c51b07ad3e8c4"));
        return new PoolWorkload(id, "first", marks, Template(), replicas, scaling);
    }

    protected JobWorkload Job()
    {
        var wish = Workload();
        return new JobWorkload($"job-{wish.Id.Value.ToString("N")[20..]}", wish.Marks, wish.Template, 0, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
    }

    protected async Task<ClusterPool> Applied(PoolWorkload wish)
    {
        var applied = await Api.Apply(Here, wish, default);
        Assert.True(applied.IsOk, applied.Fault?.ToString());
        return applied.Value;
    }

    protected Task Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        Until(() => Task.FromResult(condition()), text);

    protected Task Until(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        Eventually.True(
            async () =>
            {
                await Tend();
                return await condition();
            },
            TimeSpan.FromSeconds(60),
            text);

    protected virtual ReplicaTemplate Template() => new(
        Artifact, new Dictionary<string, string>(), new InstanceSize(10, 16), 8080, HealthPath: null, Grace);
}
