using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>Which kind of artifact an address is of.</summary>
internal static class Loads
{
    public static Outcome<ILoad> Of(AgentConfig config, LoadTools tools)
    {
        var uri = new Uri(config.Artifact.Uri);
        if (uri.Scheme == ImageReference.Scheme)
        {
            var image = ImageReference.Parse(config.Artifact);
            return !image.IsOk ? image.Fault
                : !Environment.IsPrivilegedProcess ? Fault.Invalid(
                    "An image runs in a root folder of its own (chroot), which only root may give it, and this agent is not root. "
                    + "Run the agent as root, or use a tar.")
                : new ImageLoad(config.Artifact, image.Value, tools);
        }

        return AgentPaths.IsArtifactOf(config.Platform, uri)
            ? new FolderLoad(
                config.Artifact,
                request => AgentSignature.Add(request, config.Secret, config.Lot, default, tools.Clock.GetUtcNow()),
                tools)
            : new FolderLoad(config.Artifact, null, tools);
    }
}
