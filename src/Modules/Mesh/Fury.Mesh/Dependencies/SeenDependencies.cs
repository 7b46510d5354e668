using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Mesh.Dependencies;

/// <summary>
/// Keeps what proxies ask for beyond what is declared, so that the next proxy of the same scope is told of it from the start. Written behind the
/// proxy's back: what is lost by a crash is asked for again.
/// </summary>
internal sealed class SeenDependencies(DependencyStore store, IWake wake) : IReconciler
{
    /// <summary>Beyond it what is seen waits until it is seen again.</summary>
    private const int UnwrittenMax = 10_000;

    private readonly Lock _gate = new();
    private HashSet<(ScopeRef Scope, ScopeRef On)> _unwritten = [];

    public string Name => "mesh.seen-dependencies";

    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => false;

    public void Saw(ScopeRef scope, ScopeRef on)
    {
        lock (_gate)
        {
            if (_unwritten.Count >= UnwrittenMax || !_unwritten.Add((scope, on)))
            {
                return;
            }
        }

        wake.Reconciler(Name);
    }

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        HashSet<(ScopeRef Scope, ScopeRef On)> seen;
        lock (_gate)
        {
            (seen, _unwritten) = (_unwritten, []);
        }

        foreach (var scope in seen.GroupBy(each => each.Scope, each => each.On))
        {
            await store.Saw(scope.Key, [.. scope], cancellation);
        }
    }
}
