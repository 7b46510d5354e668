using Fury.Hosting;

namespace Fury.Access.Audit;

/// <summary>Brings into the trail what was begun and has no row of its own long after: its host has ended in between, or could not write it.</summary>
internal sealed class Unanswered(AuditStore store, TimeProvider clock) : IReconciler
{
    /// <summary>No request takes so long. One that does has two rows, which tells no lie.</summary>
    public static readonly TimeSpan After = TimeSpan.FromMinutes(10);

    public string Name => "access unanswered";

    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => true;

    public Task Pass(long fence, CancellationToken cancellation) => store.KeepUnanswered(clock.GetUtcNow() - After, cancellation);
}
