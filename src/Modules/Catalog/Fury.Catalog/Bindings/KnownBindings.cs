using System.Collections.Concurrent;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Catalog.Bindings;

/// <summary>
/// The bindings of scopes that were asked for on this host. What changes is told by the news; what was not confirmed for long is asked again, so that a host
/// that is cut off does not go by what is no more.
/// </summary>
internal sealed class KnownBindings(BindingStore store, TimeProvider clock) : IServiceBindings
{
    /// <summary>Beyond it all are forgotten and asked again.</summary>
    private const int ScopesMax = 10_000;

    /// <summary>Shorter than instances are silent before they are taken for gone.</summary>
    private static readonly TimeSpan ConfirmedMax = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<ScopeRef, Known> _scopes = new();

    public IReadOnlyCollection<ScopeRef> Scopes => [.. _scopes.Keys];

    public async ValueTask<ServiceBinding?> Find(
        ScopeRef scope, ServiceKind kind, ServiceName service, long epoch, CancellationToken cancellation)
    {
        if (_scopes.TryGetValue(scope, out var known)
            && clock.GetElapsedTime(known.ConfirmedAt) < ConfirmedMax
            && known.Bindings.GetValueOrDefault((kind, service)) is { } binding
            && binding.Epoch >= epoch)
        {
            return binding;
        }

        var asked = clock.GetTimestamp();
        var all = await store.All(scope, cancellation);
        if (!all.IsOk)
        {
            _scopes.TryRemove(scope, out _);
            return null;
        }

        if (_scopes.Count >= ScopesMax)
        {
            _scopes.Clear();
        }

        var found = new Known(all.Value.Revision, all.Value.Bindings.ToDictionary(each => (each.Kind, each.Service)), asked);
        _scopes.AddOrUpdate(scope, found, (_, other) => other.Revision > found.Revision ? other : found);
        return found.Bindings.GetValueOrDefault((kind, service));
    }

    /// <param name="asked">Those of which it was asked.</param>
    /// <param name="revisions">What is so now; of those that are not there is nothing.</param>
    /// <param name="at">When it was asked.</param>
    public void Tell(IReadOnlyCollection<ScopeRef> asked, IReadOnlyDictionary<ScopeRef, long> revisions, long at)
    {
        foreach (var scope in asked)
        {
            if (!_scopes.TryGetValue(scope, out var known))
            {
                continue;
            }

            if (!revisions.TryGetValue(scope, out var revision) || revision > known.Revision)
            {
                _scopes.TryRemove(new(scope, known));
            }
            else if (revision == known.Revision)
            {
                _scopes.TryUpdate(scope, known with { ConfirmedAt = at }, known);
            }
        }
    }

    private sealed record Known(long Revision, Dictionary<(ServiceKind Kind, ServiceName Service), ServiceBinding> Bindings, long ConfirmedAt);
}
