using Fury.Agent.Wire;
using Fury.Compute.Standard.Agents;
using Fury.Hosting;

namespace Fury.Compute.Standard.Usage;

/// <summary>What agents have told this host of what they use and are, of no more instances than may report here.</summary>
internal sealed class UsageInbox
{
    private readonly NewestInbox<(string Lot, string ProviderId), AgentReport> _told = new(NewestReports.InstancesMax);

    /// <param name="report">Newer than what was told before. One that tells of neither use nor version changes nothing.</param>
    public void Add(AgentReport report)
    {
        if ((report.Usage is not null || report.AgentVersion is not null) && Guid.TryParse(report.Lot, out _))
        {
            _told.Add((report.Lot, report.ProviderId), report);
        }
    }

    public IReadOnlyCollection<AgentReport> Take() => _told.Take();
}

/// <summary>On every host: keeps what agents have told it, all at once, so that reports cost a statement each few seconds and not one each.</summary>
internal sealed class UsageReconciler(UsageInbox inbox, UsageStore store) : IReconciler
{
    private const int KeptAtOnceMax = 5000;

    public string Name => "standard.usage";

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

/// <summary>On one host: forgets what instances have used that are gone.</summary>
internal sealed class OldUsageReconciler(UsageStore store) : IReconciler
{
    public string Name => "standard.old-usage";

    public TimeSpan Period { get; } = TimeSpan.FromMinutes(5);

    public bool OncePerPlatform => true;

    public Task Pass(long fence, CancellationToken cancellation) => store.Forget(cancellation);
}
