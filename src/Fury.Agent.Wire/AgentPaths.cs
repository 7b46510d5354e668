namespace Fury.Agent.Wire;

/// <summary>Where agents and the platform find each other.</summary>
public static class AgentPaths
{
    /// <summary>Of the platform: takes an <see cref="AgentReport"/>.</summary>
    public const string Reports = "/api/v1/agents/reports";

    /// <summary>Of the platform: this, and the digest of an artifact that it keeps, is the artifact's tree as a tar.</summary>
    public const string Artifacts = "/api/v1/agents/artifacts/";

    /// <summary>Of the agent: an <see cref="AgentStatus"/>.</summary>
    public const string Status = "/v1/status";

    /// <summary>Of the agent: lines of text; <c>?tail=</c> how many, <c>&amp;follow=true</c> goes on.</summary>
    public const string Logs = "/v1/logs";

    /// <summary>Where an agent listens when it is told nothing else.</summary>
    public const int PortDefault = 7090;

    /// <summary>The tag of an instance that names its lot.</summary>
    public const string LotTag = "fury-lot";

    /// <summary>The address of an artifact that the platform keeps.</summary>
    public static Uri ArtifactAt(Uri platform, string digest) => At(platform, Artifacts + digest);

    /// <summary>Whether the address is one of <see cref="ArtifactAt"/>.</summary>
    public static bool IsArtifactOf(Uri platform, Uri artifact) =>
        artifact.AbsoluteUri.StartsWith(At(platform, Artifacts).AbsoluteUri, StringComparison.Ordinal);

    /// <param name="path">One of the above.</param>
    public static Uri At(Uri server, string path) => new(server.AbsoluteUri.TrimEnd('/') + path);
}
