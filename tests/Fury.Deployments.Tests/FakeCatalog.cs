using System.Security.Cryptography;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

/// <summary>A catalog in memory that knows every scope and version it was given.</summary>
internal sealed class FakeCatalog : ICatalog
{
    private readonly Dictionary<ReleaseId, Release> _releases = [];
    private readonly HashSet<ScopeRef> _scopes = [];
    private readonly Dictionary<ScopeRef, ScalingPolicy> _scaling = [];
    private readonly HashSet<ScopeRef> _low = [];
    private readonly Lock _lock = new();

    public int MinReplicas { get; set; } = 1;

    public ScopeRef AddScope(string text)
    {
        var scope = ScopeRef.Parse(text);
        lock (_lock)
        {
            _scopes.Add(scope);
        }

        return scope;
    }

    /// <summary>Null for none.</summary>
    public void Scale(ScopeRef scope, ScalingPolicy? scaling)
    {
        lock (_lock)
        {
            _scaling.Remove(scope);
            if (scaling is not null)
            {
                _scaling[scope] = scaling;
            }
        }
    }

    /// <summary>The scope is of low criticality; the others are of high.</summary>
    public void IsLow(ScopeRef scope)
    {
        lock (_lock)
        {
            _low.Add(scope);
        }
    }

    /// <summary>The id that a version's release has on a scope.</summary>
    public static ReleaseId IdOf(ScopeRef scope, string version) =>
        ReleaseId.Parse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{scope} {version}")))[..16]);

    /// <summary>Every application is its own team's: <c>team-shop</c> has <c>shop</c>. There is none that is named <c>nobodys</c>.</summary>
    public Task<Outcome<Application>> FindApplication(ApplicationName application, CancellationToken cancellation) =>
        Task.FromResult<Outcome<Application>>(application.Value == "nobodys"
            ? Fault.NotFound("application", application)
            : new Application(application, $"team-{application}", Criticality.High, 1, default));

    public Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<Scope>>(_scopes.Contains(scope) ? Of(scope) : Fault.NotFound("scope", scope));
        }
    }

    public Task<ScopesFound> ScopesIn(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation) =>
        Task.FromResult(new ScopesFound([], []));

    public Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<Scope>>(
            [
                .. _scaling.Keys
                    .OrderBy(scope => $"{scope}", StringComparer.Ordinal)
                    .Where(scope => after is null || string.CompareOrdinal($"{scope}", $"{after}") > 0)
                    .Take(limit)
                    .Select(Of),
            ]);
        }
    }

    /// <summary>Every version exists but 9.9.9.</summary>
    public async Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation)
    {
        var found = await FindScope(scope, cancellation);
        if (!found.IsOk || version.Value == "9.9.9")
        {
            return found.Fault ?? Fault.NotFound("version", version);
        }

        var id = IdOf(scope, version.Value);
        lock (_lock)
        {
            return _releases[id] = new Release(
                id, scope, version, new Artifact("file:///artifact", $"sha256:{new string('0', 64)}", "app", []),
                new Dictionary<string, string>(), ComputeKind.Standard, new InstanceSize(100, 64), MinReplicas, 10, "/health", default);
        }
    }

    public Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<Outcome<Release>>(
                _releases.TryGetValue(release, out var found) ? found : Fault.NotFound("release", release));
        }
    }

    private Scope Of(ScopeRef scope) => new(
        scope, ComputeKind.Standard, _low.Contains(scope) ? Criticality.Low : Criticality.High, WorkloadType.Worker, new InstanceSize(100, 64), MinReplicas, 10,
        new Dictionary<string, string>(), "/health", 1, default)
    {
        Scaling = _scaling.GetValueOrDefault(scope),
    };

    public async IAsyncEnumerable<ScopeRef> Scopes(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var scope in _scopes)
        {
            yield return scope;
        }
    }
}
