using System.Text.RegularExpressions;
using Fury.Agent.Wire;
using Fury.Artifacts;
using Fury.Kernel;

namespace Fury.Agent;

/// <summary>An image by its content.</summary>
/// <param name="Registry">Without the path; <c>http</c> only for this machine's own.</param>
/// <param name="Digest">Of its manifest, or of the index of its manifests.</param>
internal sealed partial record ImageReference(Uri Registry, string Repository, string Digest)
{
    public const string Scheme = "oci";

    /// <summary>Reads <c>oci://registry/repository@sha256:…</c>; a tag before the digest says nothing more, and the digest may be the artifact's own.</summary>
    public static Outcome<ImageReference> Parse(AgentArtifact artifact)
    {
        var match = Form().Match(artifact.Uri);
        var digest = match.Groups["digest"] is { Success: true, Value: var given } ? given : artifact.Digest;
        if (!match.Success || DigestHex.Of(digest) is null)
        {
            return Fault.Invalid("artifact.uri", artifact.Uri, "oci://registry/repository@sha256: and 64 hex digits");
        }

        if (artifact.Digest.Length > 0 && artifact.Digest != digest)
        {
            return Fault.Invalid("artifact.digest", artifact.Digest, $"{digest}, as the address of the image says, or empty");
        }

        var host = match.Groups["host"].Value;
        var scheme = Loopback.Is(new Uri($"http://{host}").Host) ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        return new ImageReference(new Uri($"{scheme}://{host}"), match.Groups["repository"].Value, digest);
    }

    [GeneratedRegex(@"^oci://(?<host>[a-z0-9.\-\[\]:]+)/(?<repository>[a-z0-9]+([._/-]+[a-z0-9]+)*)(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@(?<digest>sha256:[0-9a-f]{64}))?\z")]
    private static partial Regex Form();
}
