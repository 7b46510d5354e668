using Fury.Access.Contracts;
using Fury.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Status;

[ApiController]
[Route("api/v1/mesh/status")]
[Tags("Mesh")]
internal sealed class StatusController(MeshStatusStore store) : ControllerBase
{
    /// <summary>The mesh at a glance: hosts with what each has loaded, proxies, and who is behind with what, and why.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public Task<MeshStatus> Get(CancellationToken cancellation) => store.Read(cancellation);
}
