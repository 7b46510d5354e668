namespace Fury.Agent.Wire;

/// <summary>How an agent learns the name that the cloud has for its instance, and what the cloud plans.</summary>
public enum AgentCloud
{
    /// <summary>Nothing is asked; <see cref="AgentIdentity.Id"/> says the name.</summary>
    None,
    Aws,
    Gcp,
    Azure,
}

/// <summary>Which instance this is.</summary>
/// <param name="Id">The cloud's own name for it; null: the metadata server is asked.</param>
/// <param name="Metadata">The metadata server, for tests; null: the cloud's own.</param>
public sealed record AgentIdentity(AgentCloud Cloud, string? Id = null, Uri? Metadata = null);

/// <summary>What an agent brings and starts.</summary>
/// <param name="Uri">
/// <c>https://….tar.gz</c> (a tar, packed or not), an artifact that the platform keeps (<see cref="AgentPaths.ArtifactAt"/>), or
/// <c>oci://registry/repository@sha256:…</c>.
/// </param>
/// <param name="Digest">
/// <c>sha256:</c> and 64 hex digits: of the tar's bytes, of the kept tree, or of the image's manifest or index, where the address may say it instead.
/// </param>
/// <param name="Command">Relative to the artifact; empty: what the image starts.</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
public sealed record AgentArtifact(string Uri, string Digest, string Command, IReadOnlyList<string> Arguments);

/// <summary>The one file that an agent reads, mode 0600, since it holds the secret.</summary>
/// <param name="Platform">Where reports go.</param>
/// <param name="Port">Where the application listens, told to it as <c>PORT</c>.</param>
/// <param name="HealthPath">Answers 2xx once the application can serve; null: it is healthy as soon as it runs.</param>
/// <param name="Grace">Between the wish that it ends and its end by force.</param>
/// <param name="Folder">The agent's own folder.</param>
/// <param name="Listen">Where the agent answers, port 0 for any free one.</param>
/// <param name="Address">
/// Where the application listens, told to it as <c>FURY_ADDRESS</c>, and where its health is asked: an IP address of this machine. With the default, every
/// address, health is asked over loopback and never leaves the machine. A machine that the internet reaches gets its private address here.
/// </param>
/// <param name="Sidecar">The settings of <c>Sidecar</c> by name, e.g. <c>ControlPlanes</c>; null: no sidecar.</param>
public sealed record AgentConfig(
    Uri Platform,
    string Lot,
    string Secret,
    AgentIdentity Identity,
    AgentArtifact Artifact,
    IReadOnlyDictionary<string, string> Environment,
    int Port,
    string? HealthPath,
    TimeSpan Grace,
    string Folder,
    Uri Listen,
    IReadOnlyDictionary<string, string>? Sidecar = null,
    string Address = AgentConfig.AddressDefault)
{
    public const string FolderDefault = "/var/lib/fury-agent";
    public const string AddressDefault = "0.0.0.0";
    public const string ListenDefault = "http://0.0.0.0:7090";

    /// <summary>A record's own text would show the secret and the environment.</summary>
    public override string ToString() => $"{Lot} of {Platform}";
}
