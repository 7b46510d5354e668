using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Mesh.Tests;

/// <summary>A database of its own for each test, since a live proxy of another test would be waited for.</summary>
public abstract class MeshTest : IAsyncLifetime
{
    private readonly TestDatabase<MeshModule> _database = new();
    private readonly List<ServiceProvider> _others = [];

    /// <summary>The first host, with everything in the background running.</summary>
    internal MeshHost Mesh => new(_database.Services);

    /// <summary>For a host in another process.</summary>
    internal string ConnectionString => _database.ConnectionString;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await _database.StartHosted();
        await Mesh.Feed.Refresh(default);
    }

    /// <summary>Another host on the same database; nothing runs in its background.</summary>
    internal MeshHost Another(Action<IServiceCollection>? configure = null)
    {
        var services = _database.BuildServices(configure);
        _others.Add(services);
        return new(services);
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
