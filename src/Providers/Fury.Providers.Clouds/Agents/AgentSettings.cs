using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Providers.Clouds;

/// <summary>The agent's own program for one kind of machine.</summary>
/// <param name="Uri">A tar packed with gzip that holds <c>fury-agent</c> and what it needs.</param>
/// <param name="Digest">Of the tar's bytes, <c>sha256:</c> and 64 hex digits.</param>
internal sealed record AgentBinary(Uri Uri, string Digest);

/// <summary>What all agents of one cloud are told.</summary>
/// <param name="Platform">Where instances reach the platform.</param>
/// <param name="Port">Where applications listen.</param>
/// <param name="Grace">Between the wish that an application ends and its end by force.</param>
internal sealed record AgentSettings(
    AgentCloud Cloud, Uri Platform, IReadOnlyDictionary<Architecture, AgentBinary> Binaries, int Port, TimeSpan Grace)
{
    public int AgentPort { get; init; } = AgentPaths.PortDefault;

    /// <summary>The agent's own folder in the instance.</summary>
    public string Folder { get; init; } = AgentConfig.FolderDefault;

    /// <summary>The metadata server, for tests; null: the cloud's own.</summary>
    public Uri? Metadata { get; init; }

    /// <summary>Settings of the sidecar in each instance; null: none.</summary>
    public IReadOnlyDictionary<string, string>? Sidecar { get; init; }
}
