using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>What instances have told this host of what they hold.</summary>
internal sealed class HolderInbox(IWake wake)
{
    public const string ReconcilerName = "catalog.binding-holders";

    private const int InstancesMax = 200_000;

    private readonly NewestInbox<(ScopeRef Scope, string Instance), Holding> _told = new(InstancesMax);

    public void Add(Holding holding)
    {
        _told.Add((holding.Scope, holding.Instance), holding);
        if (holding.IsNews)
        {
            wake.Reconciler(ReconcilerName);
        }
    }

    public IReadOnlyCollection<Holding> Take() => _told.Take();
}

/// <summary>On every host: keeps what instances have told it, all at once. Passes are as rare as the database is slow.</summary>
internal sealed class HolderReconciler(HolderInbox inbox, HolderStore store) : IReconciler
{
    private const int KeptAtOnceMax = 2000;

    public string Name => HolderInbox.ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(5);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var some in inbox.Take().Chunk(KeptAtOnceMax))
        {
            await store.Keep(some, cancellation);
        }
    }
}

/// <summary>On one host: forgets instances that are gone.</summary>
internal sealed class OldHoldersReconciler(HolderStore store) : IReconciler
{
    public string Name => "catalog.old-binding-holders";

    public TimeSpan Period { get; } = TimeSpan.FromMinutes(5);

    public bool OncePerPlatform => true;

    public Task Pass(long fence, CancellationToken cancellation) => store.Forget(cancellation);
}
