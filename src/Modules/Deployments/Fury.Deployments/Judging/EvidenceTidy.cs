using Fury.Hosting;

namespace Fury.Deployments.Judging;

/// <summary>
/// Forgets what was seen of deployments long ago. The last judgement of each is kept: the scope's next one begins with what it says of its errors.
/// </summary>
internal sealed class EvidenceTidy(EvidenceStore store, TimeProvider clock) : IReconciler
{
    /// <summary>A quarter and a little more, for those who ask what another policy would have made of it.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(100);

    private const int TicksAtOnceMax = 10_000;

    public string Name => "deployments-evidence-tidy";

    public TimeSpan Period { get; } = TimeSpan.FromMinutes(10);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - Kept;
        while (await store.Forget(before, TicksAtOnceMax, cancellation) == TicksAtOnceMax)
        {
        }
    }
}
