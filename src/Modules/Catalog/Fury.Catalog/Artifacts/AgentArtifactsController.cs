using Fury.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Artifacts;

/// <summary>What agents of instances fetch.</summary>
[ApiController]
[AgentSigned]
[Route("api/v1/agents/artifacts")]
[Tags("Agents")]
internal sealed class AgentArtifactsController(ArtifactStore artifacts, ArtifactSending sending) : ControllerBase
{
    /// <summary>An artifact that the platform keeps, as a tar. Its digest is that of the tree, not that of the tar.</summary>
    /// <param name="digest"><c>sha256:</c> and 64 hex digits.</param>
    [HttpGet("{digest}")]
    [Produces("application/x-tar", "application/problem+json")]
    public async Task<IActionResult> Get(string digest, CancellationToken cancellation)
    {
        var tree = artifacts.Find(digest);
        if (!tree.IsOk)
        {
            return Answers.Problem(tree.Fault);
        }

        var sent = await sending.Send(tree.Value, Response.Body, () => Response.ContentType = "application/x-tar", cancellation);
        return sent.IsOk ? new EmptyResult() : Answers.Problem(sent.Fault);
    }
}
