namespace Fury.Sdk.Tests.Secrets;

/// <param name="Kept">As it was given.</param>
internal sealed record FakeVersion<T>(string Id, T Kept, DateTimeOffset Created);

/// <summary>What the fakes of managers of secrets have in common: names, and under each versions that are added and never change.</summary>
internal sealed class FakeVersions<T>(StringComparer names)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<FakeVersion<T>>> _all = new(names);

    /// <summary>In the order in which they were made, which is none of the alphabet.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _all.Keys];
            }
        }
    }

    /// <summary>False: it is there.</summary>
    public bool Make(string name)
    {
        lock (_gate)
        {
            return _all.TryAdd(name, []);
        }
    }

    public bool Has(string name)
    {
        lock (_gate)
        {
            return _all.ContainsKey(name);
        }
    }

    /// <param name="id">Of the version, by how many there are.</param>
    public FakeVersion<T> Add(string name, Func<int, string> id, T kept)
    {
        lock (_gate)
        {
            var versions = _all[name];
            versions.Add(new FakeVersion<T>(id(versions.Count + 1), kept, TimeProvider.System.GetUtcNow()));
            return versions[^1];
        }
    }

    /// <param name="id">Null: the last one.</param>
    public FakeVersion<T>? Find(string name, string? id)
    {
        lock (_gate)
        {
            return _all.TryGetValue(name, out var versions) ? versions.LastOrDefault(each => id is null || each.Id == id) : null;
        }
    }
}
