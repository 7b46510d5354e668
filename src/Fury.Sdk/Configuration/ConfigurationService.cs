using System.Text.Json.Serialization.Metadata;

namespace Fury.Sdk.Configuration;

/// <summary>A part of the configuration as it was at one version. <see cref="Value"/> and <see cref="Version"/> are of the same moment.</summary>
public sealed record ConfigSnapshot<T>(T Value, long Version);

/// <summary>The application's configuration: JSON documents by section, all under one version that only grows.</summary>
public abstract class ConfigurationService(string name) : FuryService(name)
{
    /// <summary>Null when there is no such section. Content that is no such JSON is <see cref="FuryErrorCode.Corrupted"/>.</summary>
    public abstract ValueTask<ConfigSnapshot<T>?> GetAsync<T>(
        string section, JsonTypeInfo<T> json, CancellationToken cancellationToken = default)
        where T : class;

    /// <summary>The section as it is, then after each change of it, until cancelled.</summary>
    public abstract IAsyncEnumerable<ConfigSnapshot<T>> WatchAsync<T>(
        string section, JsonTypeInfo<T> json, CancellationToken cancellationToken = default)
        where T : class;
}
